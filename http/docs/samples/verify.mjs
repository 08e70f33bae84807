import { createHmac, timingSafeEqual } from "node:crypto";

// True if a delivery is signed by a whsec_ secret and not older than five minutes. The body is the raw one.
export function verify(secret, headers, body, now = Date.now()) {
  const id = headers["webhook-id"], stamp = headers["webhook-timestamp"];
  if (Math.abs(now / 1000 - Number(stamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const want = Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${stamp}.`).update(body).digest("base64"));
  return (headers["webhook-signature"] ?? "").split(" ").some((text) => {
    const given = Buffer.from(text);
    return given.length === want.length && timingSafeEqual(given, want);
  });
}
