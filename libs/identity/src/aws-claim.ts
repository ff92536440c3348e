import { assumeRoleByToken } from "./aws-sts.ts";
import type { AwsCredentials } from "./aws-signature.ts";
import { type Account, type Claim, neededAnnotation } from "./claim.ts";
import type { Cloud } from "./cloud.ts";

export const roleAnnotation = "eks.amazonaws.com/role-arn";

const roleArn = /^arn:aws[\w-]*:iam::[0-9]{1,30}:role\/.{1,200}$/;

/** A role of AWS. */
export function awsClaim(cloud: Cloud, account: Account, region: string): Claim<AwsCredentials> {
  const role = neededAnnotation(account, roleAnnotation, roleArn);
  // The name that Flux gives: policies and logs at AWS may go by it.
  const session = `${account.name}.${account.namespace}.${region}.fluxcd.io`;
  return {
    parts: ["aws", role, region],
    audiences: async () => ["sts.amazonaws.com"],
    exchange: async (token, signal) => assumeRoleByToken(cloud, { region, role, session, token }, signal),
  };
}
