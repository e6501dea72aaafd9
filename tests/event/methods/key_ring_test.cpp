#include "event/methods/key_ring.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/methods/load_keys.hpp"
#include "tests/support/key_folder.hpp"

using namespace turnstile;
using turnstile::tests::key_folder;

namespace {

using texts = std::vector<std::string>;

/// The ids, the active one first; or the error behind the folder's path, alone.
texts read(const key_folder& folder) {
  const auto loaded = event::load_key_ring(folder.path);
  if (const auto* error = std::get_if<std::string>(&loaded)) {
    CHECK(error->find('\n') == std::string::npos);
    const std::string before = "key folder " + folder.path + ": ";
    REQUIRE(error->starts_with(before));
    return {error->substr(before.size())};
  }
  texts ids;
  for (const auto& key : std::get<event::key_ring>(loaded).keys) ids.push_back(key.id);
  return ids;
}

struct ring_folder : key_folder {
  ring_folder() {
    put_key("2024", "old");
    put_key("2025", "new");
    activate("2024");
  }
};

}  // namespace

TEST_CASE("a ring is the keys of its folder, the active one first") {
  const ring_folder folder;
  CHECK(read(folder) == texts{"2024", "2025"});
  folder.activate("2025");
  CHECK(read(folder) == texts{"2025", "2024"});
}

TEST_CASE("blanks and line ends around the active id do not count") {
  const ring_folder folder;
  for (const char* const text : {"2025", " 2025\r\n", "2025\n\n"}) {
    folder.put("active", text);
    CHECK(read(folder) == texts{"2025", "2024"});
  }
}

TEST_CASE("files that are neither a key nor active are not looked at") {
  const ring_folder folder;
  folder.put("README", "how to rotate", 0644);
  folder.put(".2023.key", "short", 0666);
  folder.put("2023.key.old", "short", 0666);
  CHECK(read(folder) == texts{"2024", "2025"});
}

TEST_CASE("an active file that names no key there is named, and what it names") {
  const ring_folder folder;
  folder.remove("active");
  CHECK(read(folder) == texts{"active: No such file or directory"});
  folder.activate("2026");
  CHECK(read(folder) == texts{"active: names \"2026\", and there is no file 2026.key"});
  folder.put("active", " \n");
  CHECK(read(folder) == texts{"active: is empty: it must hold the id of the key to use"});
}

TEST_CASE("what active holds is not shown where it is no id: it may be a key") {
  const ring_folder folder;
  for (const std::string& text :
       {std::string("2024\n2025"), std::string("2024.key"), std::string("Y2024"),
        std::string(33, 'a'), std::string(5000, 'a'), std::string("2024\0", 5)}) {
    folder.put("active", text);
    CHECK(read(folder) == texts{"active: does not hold one id, 1 to 32 of a-z, 0-9 and -"});
  }
}

TEST_CASE("an id is 1 to 32 of a-z, 0-9 and -") {
  for (const char* const id : {"0", "a", "2025-01", "-", "abcdefghijklmnopqrstuvwxyz012345"})
    CHECK(event::is_key_id(id));
  for (const char* const id :
       {"", "A", "a_b", "a.b", "a b", "ä", "a\n", "../a", "abcdefghijklmnopqrstuvwxyz0123456"})
    CHECK_FALSE(event::is_key_id(id));
}

TEST_CASE("a key file of an odd id is named") {
  for (const char* const name :
       {"Prod.key", "a_b.key", "a b.key", "abcdefghijklmnopqrstuvwxyz0123456.key"}) {
    const ring_folder folder;
    folder.put(name, "");
    const auto told = read(folder);
    REQUIRE(told.size() == 1);
    CHECK(told[0] ==
          "\"" + std::string(name) + "\": an id is 1 to 32 of a-z, 0-9 and -, as in 2025-01.key");
  }
}

TEST_CASE("each key file is checked as one that stands alone, the inactive ones too") {
  const ring_folder folder;
  folder.put("2025.key", std::string(64, 'k'), 0644);
  CHECK(read(folder) ==
        texts{"2025.key: is open to others (chmod 0600 it, or 0440 where root owns it)"});
  folder.put("2025.key", std::string(31, 'k'));
  CHECK(read(folder) == texts{"2025.key: must hold 32 to 4096 bytes, without blanks around a text; "
                              "`turnstile keygen hmac` makes one"});
  folder.remove("2025.key");
  ::mkfifo((folder.path + "/2025.key").c_str(), 0600);
  CHECK(read(folder) == texts{"2025.key: is not a regular file"});
}

TEST_CASE("a folder or an active file that others can write is refused") {
  const ring_folder folder;
  folder.put("active", "2025", 0622);
  CHECK(read(folder) == texts{"active: can be written by others (chmod 0600 it)"});
  folder.activate("2024");
  ::chmod(folder.path.c_str(), 0777);
  CHECK(read(folder) == texts{"can be written by others (chmod 0700 it)"});
  ::chmod(folder.path.c_str(), 01777);  // As Kubernetes mounts a Secret.
  CHECK(read(folder) == texts{"2024", "2025"});
}

TEST_CASE("a folder that is none, or not there, is told") {
  const key_folder folder;
  const auto error = [](const std::string& path) {
    return std::get<std::string>(event::load_key_ring(path));
  };
  CHECK(error(folder.path + "/no") ==
        "key folder " + folder.path + "/no: No such file or directory");
  const std::string file = folder.put("file", "");
  CHECK(error(file) == "key folder " + file + ": Not a directory");
  const std::string here = " (looked for in " + std::filesystem::current_path().string() + ")";
  CHECK(error("no-keys") == "key folder no-keys: No such file or directory" + here);
  CHECK(error("c2VjcmV0IGtleSBvZiBtYW55IGJ5dGVz") ==
        "key folder (not shown: it looks like a key, not like a path): No such file or directory" +
            here);
}

TEST_CASE("of a mounted Secret all is read of the state that is in force") {
  const key_folder folder;
  const auto state = [&](const std::string& name) {
    std::filesystem::create_directory(folder.path + "/" + name);
    return name + "/";
  };
  const std::string older = state("..1");
  folder.put(older + "active", "a");
  folder.put(older + "a.key", std::string(40, 'a') + "bcdefghi");
  const std::string newer = state("..2");
  folder.put(newer + "active", "b");
  folder.put(newer + "b.key", std::string(40, 'b') + "cdefghij");
  for (const char* const name : {"active", "a.key"})
    std::filesystem::create_symlink(std::string("..data/") + name, folder.path + "/" + name);
  std::filesystem::create_symlink("..1", folder.path + "/..data");
  CHECK(read(folder) == texts{"a"});
  // The links beside are changed after the state: those of a moment ago must not count.
  std::filesystem::remove(folder.path + "/..data");
  std::filesystem::create_symlink("..2", folder.path + "/..data");
  CHECK(read(folder) == texts{"b"});
}

TEST_CASE("more keys than a ring may have are refused") {
  const ring_folder folder;
  for (std::size_t n = 2; n < event::ring_keys_max; ++n)
    folder.put_key("x" + std::to_string(n), "");
  CHECK(read(folder).size() == event::ring_keys_max);
  folder.put_key("y", "");
  CHECK(read(folder) == texts{"has more than 1000 keys"});
}

TEST_CASE("the file of one key is the ring of one key named 0") {
  const key_folder folder;
  const auto file = folder.put("key", std::string(32, 'k') + "12345678");
  const auto one = event::load_method_keys({.pseudonyms = file, .ring = {}});
  CHECK(std::get<event::loaded_keys>(one).id == "0");
  const auto none = event::load_every_key({});
  REQUIRE(std::get<0>(none).size() == 1);
  CHECK(std::get<0>(none)[0].id.empty());
  CHECK_FALSE(std::get<0>(none)[0].keys.pseudonyms->keyed());
}

TEST_CASE("a warning of a weak key names its file in the ring") {
  const ring_folder folder;
  folder.put("2024.key", std::string(40, 'k'));
  const auto loaded = event::load_method_keys({.pseudonyms = {}, .ring = folder.path});
  CHECK(std::get<event::loaded_keys>(loaded).warning.starts_with(
      "privacy.key_dir: 2024.key: the key is one byte repeated"));
}

TEST_CASE("rules use the pseudonyms' key by a pseudonym, encrypt, or a cipher without its own") {
  const auto uses = [](core::field_method method, event::keys_there keys) {
    core::event_rules rules;
    rules.fields.emplace_back().method.method = method;
    return event::use_pseudonym_key(rules, keys);
  };
  using enum core::field_method;
  const event::keys_there ring{.pseudonyms = true};
  for (const auto method : {pseudonym, encrypt, ipcrypt, ipcrypt_pfx}) {
    CHECK(uses(method, ring));
    CHECK_FALSE(uses(method, {}));
  }
  for (const auto method : {keep, mask, truncate_ip, drop, round}) CHECK_FALSE(uses(method, ring));
  CHECK_FALSE(uses(ipcrypt, {.pseudonyms = true, .ipcrypt = true}));
  CHECK_FALSE(uses(ipcrypt_pfx, {.pseudonyms = true, .ipcrypt_pfx = true}));
  core::event_rules rules;
  rules.key.method = pseudonym;
  CHECK(event::use_pseudonym_key(rules, ring));
  rules.key = {};
  rules.other_headers.method = pseudonym;
  CHECK(event::use_pseudonym_key(rules, ring));
}
