// Package webhook keeps who is told of which events, and defines what they are sent.
//
//	events.go state.go commands.go decide.go  subscriptions, as facts of the ledger
//	match.go filter.go   which events a subscription is about
//	catalogue.go         the types of events, with a JSON Schema and an example of each
//	notice.go template.go  the body of a delivery
//	sign.go secret.go    its signatures, and how secrets are kept
//	schedule.go          when a delivery is tried again, and when an endpoint is given up
//	guard.go             where deliveries may go
//
// # Deliveries
//
// Each event of the ledger that a subscription matches has a sequence number of the subscription:
// 1, 2, … without gaps, in the order of the ledger. A body names it together with the id of the event
// before, so that a receiver sees at once if one is missing. Both are decided when the event is
// folded, not when it is sent, so that they are the same after every rebuild.
//
// A delivery is made at least once: it is repeated until the receiver has answered 2xx, twelve times
// in some 72 hours. Repetitions and replays have the id of the first sending.
//
// # Body
//
//	{"event":"alert.created","event_id":"<UUID>","timestamp":"<RFC 3339>","data":{…},
//	 "ledger":{"ledger":"<origin>/<slug>","seq":12,"hash":"<leaf hash>","proof":"<path>"},
//	 "subscription":{"webhook_id":"<UUID>","sequence":7,"previous_event_id":"<UUID>"}}
//
// In the format thin the data is {"object","id","customer_id"}: ids of ours, no personal data. The
// format icomply is for receivers that look for a secret in the body. In the format template the
// subscription says itself what the body is.
//
// # Signatures
//
// Every delivery has all of these, so that the verifiers of the products whose webhooks we speak
// take it:
//
//	webhook-id, webhook-timestamp, webhook-signature: v1,<Base64>   Standard Webhooks: HMAC-SHA-256 of
//	                                                  "<id>.<seconds>.<body>" under the bytes of which
//	                                                  the secret after whsec_ is the Base64
//	… v1a,<Base64>                                    if asked for: Ed25519 of the same text
//	X-ComplyWise-Signature: sha256=<hex>              HMAC-SHA-256 of the body under the secret as shown
//	ComplyCube-Signature: <hex>                       the same
//
// A secret that is no whsec_ text is its own key in all of them. While two secrets are valid,
// webhook-signature holds a v1 of each, and the other headers are repeated with the suffix -Previous.
//
// # Secrets
//
// A secret is shown once, in the answer that makes it, and the ledger holds it sealed: with
// AES-256-GCM under a key derived (HKDF-SHA-256) from the installation's webhook key, a file of 32
// random bytes that is in no ledger and no bundle. Whoever reads the ledger, be it an examiner,
// learns nothing of it; whoever takes the data directory can sign in our name, as with the signing
// key beside it. Sealing binds a secret to its ledger and subscription. The seeds of v1a and the
// secrets in bodies are derived from the same key and kept nowhere.
package webhook
