// Keeps a standard output that is closed apart from files that are opened, and reports when it
// cannot be written.
//
// Free functions for the main thread: the first before anything is opened, the others between and
// after prints. GUARANTEES: what was printed and is not there ends in one line on standard error
// and exit_output; a reader that has gone (EPIPE: a pager, `head`) does not.
#pragma once

namespace turnstile::app {

/// A file or a socket must not become descriptor 1: what is printed would go there.
void reserve_standard_descriptors();

/// Whether standard output has taken everything so far; sends what is still held.
[[nodiscard]] bool output_is_written();

/// `exit_code`, or exit_output where standard output has not taken everything.
[[nodiscard]] int exit_code_after_output(int exit_code);

}  // namespace turnstile::app
