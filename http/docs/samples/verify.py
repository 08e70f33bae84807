import base64, hashlib, hmac, time


def verify(secret: str, headers: dict, body: bytes, now: float | None = None) -> bool:
    """True if a delivery is signed by a whsec_ secret and not older than five minutes."""
    ident, stamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs((time.time() if now is None else now) - int(stamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{ident}.{stamp}.".encode() + body, hashlib.sha256)
    want = "v1," + base64.b64encode(mac.digest()).decode()
    return any(hmac.compare_digest(given, want) for given in headers["webhook-signature"].split(" "))
