import manifest from "../../package.json" with { type: "json" };

/** Version of this command, and of the controllers that it hosts. */
export const versionText = manifest.version;
