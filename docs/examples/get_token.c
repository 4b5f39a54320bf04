/*
 * get_token.c - a token from C: what it is to standard error, the token itself to standard output.
 *
 *     cc get_token.c -o get_token $(pkg-config --cflags --libs tokman)
 *     GH_TOKEN=$(./get_token octo-org/hello-world) gh pr list
 */
#include <stdio.h>
#include <tokman/tokman.h>

int main(int argc, char **argv)
{
    tokman_client *client;
    tokman_token *token;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: get_token OWNER/REPO\n");
        return -TOKMAN_E_INVALID_ARGUMENT;
    }
    status = tokman_client_new(&client);
    if (status != 0)
        return -status;
    status = tokman_get(&token, client, argv[1]);
    if (status == 0) {
        fprintf(stderr, "%s\n", tokman_token_json(token));
        printf("%s\n", tokman_token_secret(token));
        tokman_token_free(token);
    } else {
        fprintf(stderr, "get_token: %s\n", tokman_client_error_message(client));
    }
    tokman_client_free(client);
    return -status;
}
