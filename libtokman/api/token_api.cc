// <tokman/tokman.h>: the token, and the library's version.
#include "libtokman/api/handles.h"

const char* tokman_token_secret(const tokman_token* token) { return token->token.secret.reveal(); }

int64_t tokman_token_expires_at(const tokman_token* token) {
  return token->token.facts->expires_at;
}

int64_t tokman_token_minted_at(const tokman_token* token) { return token->token.facts->minted_at; }

tokman_source tokman_token_source(const tokman_token* token) { return token->token.facts->source; }

const char* tokman_token_fingerprint(const tokman_token* token) {
  return token->token.facts->fingerprint.c_str();
}

const char* tokman_token_json(const tokman_token* token) {
  return token->token.facts->json.c_str();
}

void tokman_token_free(tokman_token* token) { delete token; }

int tokman_version_number(void) { return TOKMAN_VERSION_NUMBER; }
