package webhook_test

import (
	"log/slog"
	"net/http"

	"whocomply/http/client/webhook"
)

func ExampleReceive() {
	secrets := []string{"whsec_A1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q7R8S9T0U1V2W3X4Y5Z6"}
	http.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) {
		event, err := webhook.Receive(secrets, r)
		if err != nil {
			http.Error(w, "not verified", http.StatusBadRequest)
			return
		}
		slog.InfoContext(r.Context(), "event", "type", event.Type, "id", event.ID, "sequence", event.Subscription.Sequence)
		w.WriteHeader(http.StatusNoContent)
	})
}
