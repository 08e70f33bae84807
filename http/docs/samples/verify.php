<?php

// True if a delivery is signed by a whsec_ secret and not older than five minutes.
function verify(string $secret, array $headers, string $body, ?int $now = null): bool
{
    $id = $headers['webhook-id'];
    $stamp = $headers['webhook-timestamp'];
    if (abs(($now ?? time()) - (int) $stamp) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    $want = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$stamp.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $given) {
        if (hash_equals($want, $given)) {
            return true;
        }
    }
    return false;
}
