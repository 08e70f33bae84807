// Receives webhooks: verifies that a delivery is ours and new, and reads it. It needs Node.js 20 or
// later and nothing else.
//
// Answer 2xx once the event is safe with you, and any other status to get it again. An event may come
// more than once, under the same event_id. Sequence numbers have no gaps.

import { createHmac, createPublicKey, timingSafeEqual, verify as verifySignature } from "node:crypto";

/** What a delivery tells. */
export interface WebhookEvent<Data = unknown> {
  event: string;
  event_id: string;
  timestamp: string;
  data: Data;
  /** The record that the event rests on; a test has none. */
  ledger?: { ledger: string; seq: number; hash: string; proof: string };
  /** Where the event stands among those of the webhook. */
  subscription?: { webhook_id: string; sequence: number; previous_event_id: string | null };
}

/** Headers as Node.js, Express or fetch give them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

/** How far the time of a delivery may be from now, in seconds. */
export const tolerance = 300;

/**
 * Verifies a delivery by its raw body and gives the event, or throws. Any of the secrets may fit: give
 * both while one is rotated. A secret is whsec_…, one of your own, or whpk_…, the public key of v1a.
 */
export function verifyWebhook<Data = unknown>(
  secrets: string | string[],
  headers: WebhookHeaders,
  body: string | Uint8Array,
  now: Date = new Date(),
): WebhookEvent<Data> {
  const id = header(headers, "webhook-id");
  const stamp = header(headers, "webhook-timestamp");
  if (!/^\d+$/.test(stamp) || id === "") throw new Error("webhook not verified: a header is missing");
  if (Math.abs(now.getTime() / 1000 - Number(stamp)) > tolerance) throw new Error("webhook not verified: it is of another time");
  const raw = Buffer.from(body as string);
  const content = Buffer.concat([Buffer.from(`${id}.${stamp}.`), raw]);
  const given = header(headers, "webhook-signature").split(" ");
  const all = Array.isArray(secrets) ? secrets : [secrets];
  if (!given.some((signature) => all.some((secret) => fits(signature, secret, content)))) {
    throw new Error("webhook not verified: no signature fits");
  }
  return JSON.parse(raw.toString("utf8")) as WebhookEvent<Data>;
}

function header(headers: WebhookHeaders, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? "";
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name) return (Array.isArray(value) ? value[0] : value) ?? "";
  }
  return "";
}

function fits(signature: string, secret: string, content: Buffer): boolean {
  const [version, text = ""] = signature.split(",");
  const given = Buffer.from(text, "base64");
  if (secret.startsWith("whpk_")) {
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(secret.slice(5), "base64")]);
    return version === "v1a" && verifySignature(null, content, createPublicKey({ key: der, format: "der", type: "spki" }), given);
  }
  if (version !== "v1") return false;
  const stripped = secret.replace(/^whsec_/, "");
  const decoded = Buffer.from(stripped, "base64");
  const key = decoded.toString("base64") === stripped ? decoded : Buffer.from(stripped);
  const expected = createHmac("sha256", key).update(content).digest();
  return expected.length === given.length && timingSafeEqual(expected, given);
}
