import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Verify {
    /** True if a delivery is signed by a whsec_ secret and not older than five minutes. */
    static boolean verify(String secret, Map<String, String> headers, byte[] body, long now) throws GeneralSecurityException {
        String id = headers.get("webhook-id"), stamp = headers.get("webhook-timestamp");
        if (Math.abs(now - Long.parseLong(stamp)) > 300) return false;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", "")), "HmacSHA256"));
        mac.update((id + "." + stamp + ".").getBytes(StandardCharsets.UTF_8));
        String want = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        for (String given : headers.get("webhook-signature").split(" ")) {
            if (MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), want.getBytes(StandardCharsets.UTF_8))) return true;
        }
        return false;
    }
}
