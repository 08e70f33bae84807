// Shows deliveries of ours to verifiers that others wrote, to our own for TypeScript and to the samples of
// the documentation: each must take them, and refuse a changed byte, another time and another secret.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verify as octokit } from "@octokit/webhooks-methods";
import { EventVerifier } from "@complycube/api";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { verifyWebhook } from "./webhook.js";
import { verify as sample } from "./verify.mjs.sample.mjs";

const root = process.argv[2];
const deliveries = JSON.parse(readFileSync(join(root, "testdata/webhooks/deliveries.json"), "utf8"));
const samples = join(root, "http/docs/samples");
const lower = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
const at = (seconds, check) => {
  const now = Date.now;
  Date.now = () => seconds * 1000;
  const RealDate = Date;
  try {
    return check(new RealDate(seconds * 1000));
  } finally {
    Date.now = now;
  }
};
const throws = (check) => (...args) => { try { return check(...args) !== false; } catch { return false; } };

// [name, which deliveries, whether it looks at the time, check(secret, headers, body, time)]
const verifiers = [
  ["standardwebhooks", () => true, true, throws((secret, headers, body, time) => at(time, () => (new Standard(secret).verify(body, headers), true)))],
  ["svix", () => true, true, throws((secret, headers, body, time) => at(time, () => (new Svix(secret).verify(body, headers), true)))],
  ["@octokit/webhooks-methods", () => true, false, (secret, headers, body) => octokit(secret, body, headers["x-complywise-signature"])],
  ["@complycube/api", () => true, false, throws((secret, headers, body) => (new EventVerifier(secret).constructEvent(body, headers["complycube-signature"]), true))],
  ["ours for TypeScript", () => true, true, throws((secret, headers, body, time) => (verifyWebhook(secret, headers, body, new Date(time * 1000)), true))],
  ["ours for TypeScript, v1a", (d) => d.public_key, true, throws((_, headers, body, time, d) => (verifyWebhook(d.public_key, headers, body, new Date(time * 1000)), true))],
  ["sample.mjs", () => true, true, (secret, headers, body, time) => sample(secret, headers, body, time * 1000)],
];

const work = mkdtempSync(join(tmpdir(), "samples-"));
const has = (command) => { try { execFileSync("which", [command]); return true; } catch { return false; } };
const run = (command, ...args) => (secret, headers, body, time) => {
  writeFileSync(join(work, "in.json"), JSON.stringify({ secret, headers, body, time }));
  writeFileSync(join(work, "body"), body);
  const lines = [secret, headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"], String(time)];
  writeFileSync(join(work, "in.txt"), lines.join("\n"));
  return execFileSync(command, args, { cwd: work, stdio: ["ignore", "pipe", "inherit"] }).toString().trim() === "true";
};
copyFileSync(join(samples, "verify.py"), join(work, "verify.py"));
writeFileSync(join(work, "main.py"), `import json, verify
d = json.load(open("in.json"))
print(str(verify.verify(d["secret"], d["headers"], d["body"].encode(), d["time"])).lower())
`);
verifiers.push(["sample.py", () => true, true, run("python3", "main.py")]);
copyFileSync(join(samples, "verify.go.txt"), join(work, "verify.go"));
writeFileSync(join(work, "go.mod"), "module sample\n\ngo 1.26\n");
writeFileSync(join(work, "main.go"), `package main

import ("fmt"; "net/http"; "os"; "strconv"; "strings"; "time")

func main() {
	text, _ := os.ReadFile("in.txt")
	body, _ := os.ReadFile("body")
	in := strings.Split(string(text), "\\n")
	now, _ := strconv.ParseInt(in[4], 10, 64)
	header := http.Header{"Webhook-Id": {in[1]}, "Webhook-Timestamp": {in[2]}, "Webhook-Signature": {in[3]}}
	fmt.Println(verify(in[0], header, body, time.Unix(now, 0)))
}
`);
execFileSync("go", ["build", "-o", "sample", "."], { cwd: work, stdio: "inherit" });
verifiers.push(["sample.go", () => true, true, run("./sample")]);
if (has("javac")) {
  copyFileSync(join(samples, "Verify.java"), join(work, "Verify.java"));
  writeFileSync(join(work, "Main.java"), `import java.nio.file.*; import java.util.*;
class Main { public static void main(String[] a) throws Exception {
  var in = Files.readAllLines(Path.of("in.txt"));
  var headers = Map.of("webhook-id", in.get(1), "webhook-timestamp", in.get(2), "webhook-signature", in.get(3));
  System.out.println(Verify.verify(in.get(0), headers, Files.readAllBytes(Path.of("body")), Long.parseLong(in.get(4))));
} }
`);
  execFileSync("javac", ["Main.java", "Verify.java"], { cwd: work, stdio: "inherit" });
  verifiers.push(["Sample.java", () => true, true, run("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "Main")]);
}
if (has("php")) {
  copyFileSync(join(samples, "verify.php"), join(work, "verify.php"));
  writeFileSync(join(work, "main.php"), `<?php require "verify.php"; $d = json_decode(file_get_contents("in.json"), true);
echo verify($d["secret"], $d["headers"], $d["body"], $d["time"]) ? "true" : "false";`);
  verifiers.push(["sample.php", () => true, true, run("php", "main.php")]);
}

let wrong = 0;
for (const [name, fits, timed, check] of verifiers) {
  let checked = 0;
  for (const d of deliveries.filter(fits)) {
    const headers = lower(d.headers);
    const other = "whsec_" + Buffer.alloc(32, 9).toString("base64");
    const asymmetric = name.endsWith("v1a");
    const cases = [
      ["takes it", true, () => check(d.secret, headers, d.body, d.time, d)],
      ["refuses a changed byte", false, () => check(d.secret, headers, d.body.replace("alr_1", "alr_2"), d.time, d)],
    ];
    if (!asymmetric) cases.push(["refuses another secret", false, () => check(other, headers, d.body, d.time, d)]);
    if (timed) cases.push(["refuses an old time", false, () => check(d.secret, headers, d.body, d.time + 301, d)]);
    if (d.previous && timed && !asymmetric) cases.push(["takes the previous secret", true, () => check(d.previous, headers, d.body, d.time, d)]);
    for (const [what, want, does] of cases) {
      checked++;
      if ((await does()) !== want) {
        wrong++;
        console.error(`${name} does not: ${what}: ${d.name}`);
      }
    }
  }
  console.log(`${name}: ${checked} checks`);
}
rmSync(work, { recursive: true });
process.exit(wrong ? 1 : 0);
