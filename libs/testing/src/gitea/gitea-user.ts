import { randomBytes } from "node:crypto";
import { basicAuthorization, expectSuccess, type GiteaApi, giteaApi } from "./gitea-api.ts";

export interface GiteaRepositoryOptions {
  /** Its owner instead of the user. */
  organization?: string;
  private?: boolean;
}

export interface GiteaRepository {
  owner: string;
  name: string;
  /** Clone URL, over HTTP and without credentials. */
  url: string;
}

export interface GiteaUser {
  name: string;
  password: string;
  /** Of all scopes. It is a password for git, too. */
  token: string;
  /** Speaks as the user. */
  api: GiteaApi;
  /** @param scopes for example `write:repository` */
  createToken: (scopes: readonly string[]) => Promise<string>;
  createOrganization: (name: string) => Promise<void>;
  /** With a first commit on `main`. */
  createRepository: (name: string, options?: GiteaRepositoryOptions) => Promise<GiteaRepository>;
}

/** Makes a user whose name no other test has. */
export async function createUser(url: string, admin: GiteaApi): Promise<GiteaUser> {
  const name = `user-${randomBytes(4).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  const account = { username: name, password, email: `${name}@example.com`, must_change_password: false };
  await expectSuccess(admin, { method: "POST", path: "/admin/users", body: account });
  const byPassword = giteaApi(url, basicAuthorization(name, password));
  const createToken = async (scopes: readonly string[]) => {
    const body = { name: randomBytes(4).toString("hex"), scopes };
    const created = await expectSuccess(byPassword, { method: "POST", path: `/users/${name}/tokens`, body });
    return (created as { sha1: string }).sha1;
  };
  const token = await createToken(["all"]);
  const api = giteaApi(url, `token ${token}`);
  return {
    name,
    password,
    token,
    api,
    createToken,
    createOrganization: async (username) =>
      void (await expectSuccess(api, { method: "POST", path: "/orgs", body: { username } })),
    createRepository: async (repository, { organization, private: isPrivate = false } = {}) => {
      const path = organization === undefined ? "/user/repos" : `/orgs/${organization}/repos`;
      const body = { name: repository, private: isPrivate, auto_init: true, default_branch: "main" };
      const created = await expectSuccess(api, { method: "POST", path, body });
      return { owner: organization ?? name, name: repository, url: (created as { clone_url: string }).clone_url };
    },
  };
}
