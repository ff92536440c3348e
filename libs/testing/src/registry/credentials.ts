export interface RegistryCredentials {
  username: string;
  password: string;
}

export const credentials: RegistryCredentials = { username: "leat", password: "correct horse" };

/** The same with a bcrypt hash, the only kind that the registry takes. */
export const htpasswd = "leat:$2a$04$MC6ZcKm3pr.dEvvDCDgtAeWOwnoL3avdtjpbMpfS3M0PAp55LfZO.\n";
