// Prints a document made from the tables of the code; without an argument, the names of all.
//
// To add one: a function that prints it, and a row in kDocuments.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "daemon/api/method_table.h"
#include "daemon/domain/config/settings.h"
#include "libtokman/base/text.h"
#include "libtokman/protocol/error_names.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

constexpr std::string_view kGenerated = "<!-- Made by script/docs. Do not edit. -->\n";

// '|' would end a cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (char letter : text) escaped += letter == '|' ? std::string("\\|") : std::string(1, letter);
  return escaped;
}

std::string default_of(std::string_view text) {
  if (text.empty()) return "";
  return text == kRequired ? "required" : fmt::format("`{}`", text);
}

template <class Section>
void print_settings(std::string_view heading, std::string_view about,
                    std::span<const Setting<Section>> settings) {
  fmt::print("\n## {}\n\n{}\n\n", heading, about);
  fmt::print("| Key | It must be | Default | Reload | Meaning |\n|---|---|---|---|---|\n");
  for (const Setting<Section>& row : settings) {
    const std::string type =
        std::visit([](const auto& slot) { return describe(slot.type); }, row.slot);
    fmt::print("| `{}` | {} | {} | {} | {} |\n", row.key, cell(type), default_of(row.default_text),
               row.reload == Reload::yes ? "yes" : "no", cell(row.help));
  }
}

void print_scopes() {
  fmt::print("\n## Scopes\n\n| Scope | What it gives |\n|---|---|\n");
  for (const ScopeName& row : kScopeNames) fmt::print("| `{}` | {} |\n", row.name, row.summary);
}

void print_configuration() {
  fmt::print(
      "{}# Configuration\n\n"
      "tokmand reads `/etc/tokman/tokman.toml` and then, in the order of their names, the files\n"
      "`conf.d/*.toml` beside it. [example.toml](example.toml) is a whole one. All mistakes are\n"
      "reported at once, with file and line: `tokmand --check-config`. SIGHUP reads everything\n"
      "again; a configuration with mistakes changes nothing. *Reload* says which keys count from\n"
      "then on; the others need a restart.\n\n"
      "**Several files.** Tables merge key by key; a value in a later file replaces the earlier\n"
      "one. `[[app]]` and `[[grant]]` of all files are added up: none can be changed from another\n"
      "file, and the same name twice is a mistake.\n\n"
      "**Environments.** With `environment = \"PROD\"`, the tables of `[environments.PROD]` are "
      "laid\n"
      "over the rest in the same way, but for one thing: `[[environments.PROD.app]]` and\n"
      "`[[environments.PROD.grant]]` merge into the entry of the same name, and are added where\n"
      "there is none. If there are environments, the one that is chosen must be among them.\n\n"
      "**Secrets** are never in these files, only where they are:\n\n"
      "| Place | What is read |\n|---|---|\n"
      "| `file:/path` | A file. Nobody but its owner may write to it, and the world may not read "
      "it. |\n"
      "| `env:VARIABLE` | A variable of the environment. |\n"
      "| `credential:NAME` | What systemd passes with `LoadCredential=`. |\n"
      "| `command:/program ARGUMENTS` | What the program writes, without one line end at the end. "
      "Words end at spaces; there is no shell and there are no quotes. |\n"
      "| `aws-secretsmanager:REGION/NAME[#member]` | A secret of AWS Secrets Manager; with "
      "`#member`, a text in its JSON. |\n"
      "| `vault:MOUNT/PATH#field` | A field of a secret in a KV store, version 2, of HashiCorp "
      "Vault or OpenBao. |\n"
      "| `pkcs11:ATTRIBUTES[?pin-source=file:/path]` | A private key that never leaves its token "
      "(RFC 7512), through OpenSSL's engine `pkcs11` (libengine-pkcs11-openssl). |\n",
      kGenerated);
  print_settings<TopLevel>("Top level", "Before the first table.", kTopSettings);
  print_settings<DaemonConfig>("`[daemon]`", "The process, its socket and its limits.",
                               kDaemonSettings);
  print_settings<StoreConfig>("`[store]`", "The tokens on the disk.", kStoreSettings);
  print_settings<SecretsConfig>(
      "`[secrets]`",
      "How secrets are fetched that are not on this host. Those of apps are fetched by a process\n"
      "beside tokman-signer, never by tokmand.",
      kSecretsSettings);
  print_settings<AccessConfig>("`[access]`", "Access tokens and clients.", kAccessSettings);
  print_settings<AppDraft>("`[[app]]`", "A GitHub App; as many as are needed.", kAppSettings);
  print_settings<Organization>(
      "`[organizations]`",
      "The owners this host serves, if there are others that a grant would reach: each is\n"
      "`OWNER = \"APP\"` or `OWNER = { ... }` with these keys. A target of any other owner is "
      "`NotFound`\nbefore GitHub is asked. Without the section all owners are served.",
      kOrganizationSettings);
  print_settings<Grant>("`[[grant]]`",
                        "Who may have what. A caller has what all grants that match it give "
                        "together; a caller\nwithout one has nothing. With the scope "
                        "`github:token`, `apps`, `targets` and `permissions`\nare required.",
                        kGrantSettings);
  print_settings<GrantMatch>("`match` of a `[[grant]]`",
                             "All that are given must fit; of a list, any one. At least one of "
                             "`user`, `uid`, `group` and\n`gid` is required: unit and program "
                             "only narrow, because a process of the same user can\nget around "
                             "them. In patterns, `*` stands for anything but a `/`.",
                             kMatchSettings);
  print_scopes();
}

void print_errors() {
  fmt::print(
      "{}# Errors\n\n"
      "The same list everywhere: the C enum `TOKMAN_E_NAME` (with the number negated), the error\n"
      "on the wire, the exceptions of Python, and the exit status of `tokman`. *Again* says "
      "whether\n"
      "the same call may succeed later, unchanged.\n\n"
      "| Number | Name | On the wire | Again | Meaning |\n|---:|---|---|---|---|\n",
      kGenerated);
#define XX(name, number, retry, text)                                                             \
  fmt::print("| {} | `{}` | `{}` | {} | {} |\n", number, #name, wire_error_name(TOKMAN_E_##name), \
             (retry) != 0 ? "yes" : "no", cell(text));
  TOKMAN_ERROR_MAP(XX)
#undef XX
}

// "everybody", or the scopes of which one is enough, from a row of the matrix that the tests of
// authorization hold the daemon to.
std::string callers_in(std::string_view header, std::string_view row) {
  const auto columns = split(header, ',');  // "method", "none", and the scopes.
  const auto outcomes = split(row, ',');
  if (outcomes[1] == "yes") return "everybody";
  std::string scopes;
  for (std::size_t i = 2; i < outcomes.size(); ++i) {
    if (outcomes[i] != "yes") continue;
    scopes += fmt::format("{}`{}`", scopes.empty() ? "" : ", ", columns[i]);
  }
  return scopes;
}

void print_authorization() {
  std::ifstream file(TOKMAN_AUTHORIZATION_MATRIX);
  std::string header;
  std::getline(file, header);
  std::map<std::string, std::string> rows;
  for (std::string row; std::getline(file, row);) rows[row.substr(0, row.find(','))] = row;
  fmt::print(
      "\n## Methods\n\nA grant must give the caller one of these scopes. Some methods look further "
      "than that: at whose\ntoken or client it is, or at the app.\n\n"
      "| Method | Who may call it |\n|---|---|\n");
  for (const Interface& interface : served_interfaces()) {
    for (const Method& method : interface.methods) {
      fmt::print("| `{}` | {} |\n", method.name,
                 callers_in(header, rows.at(std::string(method.name))));
    }
  }
}

void print_protocol() {
  fmt::print(
      "{}# Protocol\n\n"
      "tokmand speaks [Varlink](https://varlink.org) on a Unix socket,\n"
      "`/run/tokman/tokman.sock` by default: each message is a JSON object and a NUL byte.\n"
      "Who is calling is what the kernel says about the socket's other end. Calls may be sent\n"
      "without waiting; answers keep their order. Errors and their fields: "
      "[errors.md](errors.md).\n"
      "\n## Limits\n\n"
      "What is over a limit is not read. A frame has at most `daemon.frame_bytes_max` bytes\n"
      "({} unless configured) and nests at most {} deep. A connection may have\n"
      "`daemon.calls_per_connection` calls unanswered: beyond that the daemon reads on when one "
      "is.\n"
      "A user may have `daemon.calls_per_uid` calls in progress (then `Busy`) and\n"
      "`daemon.connections_per_uid` connections (then the one longest idle goes). Whoever leaves "
      "a\n"
      "frame unfinished or answers unread for 10 s is dropped.\n"
      "\n## Credentials\n\n"
      "Every method takes `auth` besides its parameters: an access token, or the JWT that\n"
      "`io.tokman.Access.Authenticate` gives a client. It is then the only thing judged: who "
      "presents it\nhas what the grants of the token's user, or of the client, give within its "
      "scopes, and nothing of\nits own. If it is not good, the call fails.\n"
      "\n## Rates\n\n"
      "A grant may bound the calls of each caller in a minute (`requests_per_minute`), and "
      "`access.requests_per_minute`\nbounds those of callers without one. `RateLimited` has "
      "`limit`, `remaining` and `reset_ms`, the time\nuntil all of it is back, besides "
      "`retry_after_ms`. Whom a grant with 0 matches is `Blocked`. `Ping` is\nneither counted nor "
      "blocked.\n",
      kGenerated, kFrameBytesMax, kJsonDepthMax);
  print_authorization();
  for (const Interface& interface : served_interfaces()) {
    fmt::print("\n## {}\n\n```varlink\n{}```\n", interface.name, interface.description);
  }
}

struct Document {
  std::string_view name;  // Of docs/NAME.md.
  void (*print)();
};
constexpr Document kDocuments[] = {
    {"configuration", print_configuration},
    {"errors", print_errors},
    {"protocol", print_protocol},
};

}  // namespace
}  // namespace tokman

int main(int argc, char** argv) {
  using namespace tokman;
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  bool found = argc == 1;
  for (const Document& document : kDocuments) {
    if (argc == 1) fmt::print("{}\n", document.name);
    if (document.name != wanted) continue;
    document.print();
    found = true;
  }
  return found ? 0 : 2;
}
