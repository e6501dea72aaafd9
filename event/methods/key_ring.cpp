#include "event/methods/key_ring.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/quoting.hpp"
#include "event/methods/file_descriptor.hpp"
#include "event/methods/key_file.hpp"

namespace turnstile::event {

namespace {

constexpr std::string_view suffix = ".key";
constexpr const char* active_name = "active";

/// Kubernetes' link to the state of a mounted Secret that is in force.
constexpr const char* mounted_state = "..data";

/// A file that was listed may be gone when it is opened: then the folder has changed.
constexpr int tries = 3;

using fault = std::optional<std::string>;

std::string system_text(int code) { return std::generic_category().message(code); }

/// What forbids trusting what stands in the open folder or file; none: nothing.
fault objection_to(const struct stat& facts) {
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return "belongs to neither the user of the process nor root";
  // In a sticky folder others can add files, but those belong to them, and are refused.
  const bool is_sticky = S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) != 0;
  if ((facts.st_mode & 022) != 0 && !is_sticky)
    return std::string("can be written by others (chmod ") +
           (S_ISDIR(facts.st_mode) ? "0700" : "0600") + " it)";
  return std::nullopt;
}

struct reading {
  key_ring ring;
  fault why_not;
  bool may_have_changed = false;  ///< Meanwhile: another try may well do.
};

reading failed(std::string why, bool may_have_changed = false) {
  return {{}, std::move(why), may_have_changed};
}

/// The ids of the key files there, in their order; or what is wrong with one.
std::variant<std::vector<std::string>, std::string> list_ids(int folder) {
  const int listed = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(listed), ::closedir);
  if (!dir) return system_text(errno);
  std::vector<std::string> ids;
  while (const dirent* entry = ::readdir(dir.get())) {
    std::string_view name(entry->d_name);
    if (name.starts_with('.') || !name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    if (!is_key_id(name))
      return core::quoted_short(entry->d_name) +
             ": an id is 1 to 32 of a-z, 0-9 and -, as in 2025-01.key";
    if (ids.size() == ring_keys_max) return "has more than 1000 keys";
    ids.emplace_back(name);
  }
  std::ranges::sort(ids);
  return ids;
}

/// What `active` holds without the blanks and line ends around it, or why it cannot be had. No
/// error shows it where it is no id: it may be a key.
std::variant<std::string, std::string> read_active(int folder) {
  const file_descriptor file(::openat(folder, active_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  constexpr std::size_t id = 0;
  constexpr std::size_t error = 1;
  using answer = std::variant<std::string, std::string>;
  const auto refused = [](std::string why) { return answer(std::in_place_index<error>, why); };
  if (file.get() < 0) return refused(system_text(errno));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return refused(system_text(errno));
  if (!S_ISREG(facts.st_mode)) return refused("is not a regular file");
  if (auto objection = objection_to(facts)) return refused(*std::move(objection));
  std::array<char, 2 * key_id_bytes_max> buffer{};
  const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
  if (got < 0) return refused(system_text(errno));
  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  constexpr std::string_view around = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(around), text.size()));
  text = text.substr(0, text.find_last_not_of(around) + 1);
  if (text.empty()) return refused("is empty: it must hold the id of the key to use");
  if (!is_key_id(text)) return refused("does not hold one id, 1 to 32 of a-z, 0-9 and -");
  return answer(std::in_place_index<id>, text);
}

reading read_ring(int folder) {
  const auto active = read_active(folder);
  if (active.index() == 1) {
    const auto& why = std::get<1>(active);
    return failed(std::string(active_name) + ": " + why, why == system_text(ENOENT));
  }
  const auto ids = list_ids(folder);
  if (const auto* why = std::get_if<std::string>(&ids)) return failed(*why);
  const std::string& used = std::get<0>(active);
  const auto& all = std::get<std::vector<std::string>>(ids);
  if (std::ranges::find(all, used) == all.end())
    return failed(std::string(active_name) + ": names " + core::quoted_short(used) +
                      ", and there is no file " + used + std::string(suffix),
                  true);
  reading done;
  for (const auto& id : all) {
    const std::string name = id + std::string(suffix);
    auto key = load_key_at(folder, name);
    if (const auto* why = std::get_if<std::string>(&key))
      return failed(name + ": " + *why, *why == system_text(ENOENT));
    done.ring.keys.push_back({id, std::get<secret_key>(std::move(key))});
  }
  const auto first = std::ranges::find(done.ring.keys, used, &ring_key::id);
  std::rotate(done.ring.keys.begin(), first, first + 1);
  return done;
}

reading read_folder(const std::string& folder) {
  const file_descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) return failed(system_text(errno));
  struct stat facts {};
  if (::fstat(opened.get(), &facts) != 0) return failed(system_text(errno));
  if (auto objection = objection_to(facts)) return failed(*std::move(objection));
  const file_descriptor state(
      ::openat(opened.get(), mounted_state, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return read_ring(state.get() < 0 ? opened.get() : state.get());
}

}  // namespace

bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= key_id_bytes_max &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::variant<key_ring, std::string> load_key_ring(const std::string& folder) {
  reading done = read_folder(folder);
  for (int n = 1; n < tries && done.may_have_changed; ++n) done = read_folder(folder);
  if (!done.why_not) return std::move(done.ring);
  const std::string where = *done.why_not == system_text(ENOENT) ? looked_in(folder) : "";
  return "key folder " + shown_path(folder) + ": " + *done.why_not + where;
}

}  // namespace turnstile::event
