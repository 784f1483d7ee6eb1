import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectionFor } from "./connection.ts";
import { type Profile, Profiles, serviceUrl } from "./profiles.ts";

let home: string;
let profiles: Profiles;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-config-"));
  profiles = new Profiles({ XDG_CONFIG_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const profile = (more: Partial<Profile> = {}): Profile => ({
  url: "https://api.example.com",
  workspace: "sales",
  accessToken: "of-the-profile",
  renewal: { kind: "none" },
  ...more,
});
const connect = (options = {}, env = {}) => connectionFor(options, env, profiles);

describe("a profile", () => {
  const folder = () => join(home, "sluice", "profiles");

  it("is readable only by its owner, whatever the umask and the mode of an earlier file", () => {
    const mask = process.umask(0);
    try {
      profiles.write("default", profile());
      chmodSync(join(folder(), "default.json"), 0o666);
      profiles.write("default", profile());
    } finally {
      process.umask(mask);
    }
    expect(statSync(join(folder(), "default.json")).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder())).toEqual(["default.json"]);
  });
  it("has a name that stays in its folder", () => {
    for (const name of ["", "..", "a/b", "../x", ".hidden"])
      expect(() => profiles.read(name)).toThrow(/not a valid profile name/);
  });
  it("that is damaged asks for a new login", () => {
    profiles.write("default", profile());
    writeFileSync(join(folder(), "default.json"), '{"url": 1');
    expect(() => profiles.read("default")).toThrow(/Sign in again/);
  });
});

describe("the service's address", () => {
  it("comes from an option, then the environment, then the profile", async () => {
    profiles.write("default", profile());
    expect(connect()).toMatchObject({ url: "https://api.example.com", workspace: "sales" });
    expect(connect({}, { SLUICE_WORKSPACE: "ops" }).workspace).toBe("ops");
    expect(connect({ workspace: "lab" }, { SLUICE_WORKSPACE: "ops" }).workspace).toBe("lab");
    expect(await connect().token()).toBe("of-the-profile");
    expect(await connect({}, { SLUICE_TOKEN: "given" }).token()).toBe("given");
  });
  it("is never that of another service with the profile's token", () => {
    profiles.write("default", profile());
    for (const url of [
      "https://evil.example.com",
      "https://api.example.com/other",
      "http://localhost:4500",
    ]) {
      expect(() => connect({ url })).toThrow(/is signed in to https:\/\/api.example.com/);
      expect(() => connect({}, { SLUICE_URL: url })).toThrow(/is signed in to/);
    }
    expect(connect({ url: "https://api.example.com/" }).url).toBe("https://api.example.com");
  });
  it("needs a login", () => {
    profiles.write("work", profile());
    expect(() => connect()).toThrow("Not signed in. Run sluice login. Existing profiles: work.");
    expect(() => connect({ profile: "home" })).toThrow("Not signed in with profile home");
    expect(connect({}, { SLUICE_PROFILE: "work" }).url).toBe("https://api.example.com");
  });
  it.each([
    ["http://api.example.com", /https/],
    ["ftp://api.example.com", /must be a URL/],
    ["api.example.com", /must be a URL/],
    ["https://me:secret@api.example.com", /must not contain/],
    ["https://api.example.com/?a=b", /must not contain/],
  ])("is not %s", (url, why) => {
    expect(() => serviceUrl(url, "The address")).toThrow(why);
  });
  it("keeps a stage in its path", () => {
    expect(serviceUrl("https://api.example.com/prod/", "The address")).toBe("https://api.example.com/prod");
  });
});
