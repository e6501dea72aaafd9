// Every difference between the CAF versions we build on (0.17.6 and 1.x), in one place.
//
// All traffic is one-way and carries one struct, so two verbs are enough: `tell` (callable on any
// thread) and `tell_after`. Both send without a sender: in CAF 0.17 a message that its receiver
// does not expect would otherwise come back and end the sender.
#pragma once

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#ifdef CAF_VERSION_MAJOR
#include <caf/anon_mail.hpp>
#include <caf/init_global_meta_objects.hpp>
#else
#include <caf/atom.hpp>
#endif
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "core/log.hpp"

#ifdef CAF_VERSION_MAJOR
/// The numbers of our messages: messages/messages.hpp.
namespace caf::id_block {
struct turnstile;
}
#endif

namespace turnstile::messages {

#ifdef CAF_VERSION_MAJOR
template <class... Messages>
using accepts = caf::typed_actor<caf::result<void>(Messages)...>;
#else
template <class... Messages>
using accepts = caf::typed_actor<caf::reacts_to<Messages>...>;
#endif

/// Posts `message` to `to`; a handle of an actor that has ended takes it and drops it.
template <class Handle, class Message>
void tell(const Handle& to, Message&& message) {
#ifdef CAF_VERSION_MAJOR
  caf::anon_mail(std::forward<Message>(message)).send(to);
#else
  caf::anon_send(to, std::forward<Message>(message));
#endif
}

/// Posts `message` to `to` once `delay` has passed on the actor system's clock.
template <class Handle, class Message>
void tell_after(const Handle& to, std::chrono::milliseconds delay, Message&& message) {
#ifdef CAF_VERSION_MAJOR
  caf::anon_mail(std::forward<Message>(message)).delay(delay).send(to);
#else
  caf::delayed_anon_send(to, delay, std::forward<Message>(message));
#endif
}

/// The handle of `self` by which others reach it.
template <class Handle, class Self>
Handle handle_of(Self* self) {
  return caf::actor_cast<Handle>(self);
}

/// The state of a stateful actor, which lives as long as its behaviour.
template <class Self>
auto& state_of(Self* self) {
#ifdef CAF_VERSION_MAJOR
  return self->state();
#else
  return self->state;
#endif
}

/// Posts `message` to `to` once `actor` has ended otherwise than by `end`, with the reason in its
/// field `reason`.
template <class Actor, class Handle, class Message>
void tell_when_ended(const Actor& actor, const Handle& to, Message message) {
  caf::actor_cast<caf::actor>(actor)->attach_functor(
      [to, message](const caf::error& reason) mutable {
        if (reason == caf::exit_reason::user_shutdown) return;
        message.reason = caf::to_string(reason);
        tell(to, message);
      });
}

/// Calls `ended` once `actor` has ended, however it did. THREAD: any.
template <class Actor, class Ended>
void call_when_ended(const Actor& actor, Ended ended) {
  caf::actor_cast<caf::actor>(actor)->attach_functor([ended](const caf::error&) { ended(); });
}

/// Logs what an exception that ends `self` had to say; CAF itself would print it to standard
/// output.
template <class Self>
void log_exceptions(Self* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    std::string what = "not a std::exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
    }
    core::log_error("actor threw", {{"what", what}});
    return caf::make_error(caf::sec::runtime_error);
  });
}

/// Ends `actor` after what is already in its mailbox.
template <class Actor>
void end(const Actor& actor) {
  caf::anon_send_exit(caf::actor_cast<caf::actor>(actor), caf::exit_reason::user_shutdown);
}

/// Makes our messages known to CAF. Before the first actor system is made; again does nothing.
/// REQUIRES: messages/messages.hpp.
#ifdef CAF_VERSION_MAJOR
template <class OurMessages = caf::id_block::turnstile>
void register_messages() {
  caf::init_global_meta_objects<OurMessages>();
  caf::core::init_global_meta_objects();
}
#else
inline void register_messages() {}
#endif

/// Settings of an actor system for event-driven actors that never block. Policy `sharing`: work
/// stealing spins, which cost a third of a core at fifty wake-ups a second (measured on 0.17.6).
/// A bounded number of messages in a row, so that a busy actor does not starve the others.
inline void configure_scheduler(caf::actor_system_config& config, std::size_t threads) {
  constexpr std::size_t messages_in_a_row = 50;
#ifdef CAF_VERSION_MAJOR
  config.set("caf.scheduler.policy", "sharing");
  config.set("caf.scheduler.max-threads", threads);
  config.set("caf.scheduler.max-throughput", messages_in_a_row);
#else
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", messages_in_a_row);
#endif
}

}  // namespace turnstile::messages
