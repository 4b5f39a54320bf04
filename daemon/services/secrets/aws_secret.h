#pragma once
// Reads a secret from AWS Secrets Manager: "aws-secretsmanager:REGION/NAME[#member]".
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
// A secret of bytes is taken as it is; of one that is JSON text, #member picks a text within.
#include <string>

#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// `name` is the place's.
Result<SecretBytes> read_aws_secret(const std::string& name, const SecretsConfig& config);

// What is asked for in the body of AWS's answer; the whole secret if `member` is "".
Result<SecretBytes> parse_aws_answer(const SecretBytes& body, const std::string& member);

}  // namespace tokman
