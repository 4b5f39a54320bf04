#pragma once
// Finds the keys with which requests to AWS are signed, where AWS's own tools look for them.
//
// In this order: AWS_ACCESS_KEY_ID and its companions in the environment; a container's (ECS, EKS)
// AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI; the metadata service of an EC2 instance, by
// IMDSv2 only, unless AWS_EC2_METADATA_DISABLED is "true". Nothing is kept: these services are on
// this host, and renew what they give.
#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct AwsKeys {
  SecretBytes key;            // "KEY_ID:SECRET_KEY"
  SecretBytes session_token;  // Empty if there is none.
};

// Waits, 2 s for each answer at most.
Result<AwsKeys> find_aws_keys(const SecretsConfig& config);

}  // namespace tokman
