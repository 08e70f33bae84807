#!/bin/sh
# Checks the first events of an export bundle without any program of ours: hash chain, payload commitments and Ed25519
# signatures, with openssl (3.0 or later), coreutils, sed and awk. The format is described in the bundle's README.txt.
#
#   verify.sh BUNDLE [COUNT]     COUNT is 100 unless told, and at most 256: the first file of events is read.
#
# It ends with status 0 if all checks passed. The keys are taken from the bundle: compare them with keys that reached
# you by another way.
set -eu
export LC_ALL=C

bundle=$1
count=${2:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "event $i: $1" >&2; exit 1; }

# member NAME prints a member of the header on standard input. Quotes within JSON strings stand behind a backslash, so
# the pattern cannot match inside one.
member() { sed -n -e "s/.*[{,]\"$1\":\"\([^\"]*\)\".*/\1/p" -e "s/.*[{,]\"$1\":\([0-9]*\)[,}].*/\1/p"; }

hex() { od -An -v -tx1 | tr -d ' \n'; }

# keep KIND turns each verifier key on standard input into a PEM file KIND.<key id>: the fixed start of an Ed25519
# SubjectPublicKeyInfo, then the 32 bytes.
keep() {
	while IFS= read -r vkey; do
		ledger=${vkey%%+*}
		rest=${vkey#*+}
		id=${rest%%+*}
		printf '%s' "${rest#*+}" | base64 -d >"$work/raw" || fail "a key is not base64"
		[ "$(head -c 1 "$work/raw" | hex)" = 01 ] || fail "a key is not Ed25519"
		[ "$({ printf '%s\n' "$ledger"; cat "$work/raw"; } | sha256sum | cut -c1-8)" = "$id" ] || fail "a key id is wrong"
		{
			echo '-----BEGIN PUBLIC KEY-----'
			{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$work/raw"; } | base64
			echo '-----END PUBLIC KEY-----'
		} >"$work/$1.$id"
	done
}

i=keys
keep key <"$bundle/keys"
ledger=$(head -n 1 "$bundle/keys")
ledger=${ledger%%+*}

awk -v dir="$work" -v count="$count" '
	$0 == "whocomply/event@v1" { n++ }
	n > count { exit }
	{ print > (dir "/event." (n - 1)) }
' "$bundle/events/000"
head -n "$count" "$bundle/payloads/000" >"$work/payloads"

prev=$(head -c 32 /dev/zero | base64)
i=0
while IFS= read -r line; do
	event=$work/event.$i
	[ -f "$event" ] || fail "the event is missing"
	head -n 2 "$event" >"$work/text"
	sed -n 2p "$event" >"$work/header"

	[ "$(member seq <"$work/header")" = "$i" ] || fail "seq is wrong"
	[ "$(member ledger <"$work/header")" = "$ledger" ] || fail "ledger is wrong"
	[ "$(member prev <"$work/header")" = "$prev" ] || fail "prev is not the hash of the event before"
	prev=$({ printf '\000'; cat "$work/text"; } | openssl dgst -sha256 -binary | base64)

	salt=$(printf '%s' "${line%% *}" | base64 -d | hex)
	printf '%s' "${line#* }" >"$work/payload"
	[ "$(($(wc -c <"$work/payload")))" = "$(member len <"$work/header")" ] || fail "len is wrong"
	commit=$(openssl dgst -sha256 -mac HMAC -macopt "hexkey:$salt" -binary "$work/payload" | base64)
	[ "$commit" = "$(member commit <"$work/header")" ] || fail "the payload is not the one committed to"
	if [ "$i" = 0 ]; then
		while IFS= read -r vkey; do
			grep -qF "\"$vkey\"" "$work/payload" || fail "the first event does not list a key"
		done <"$bundle/keys"
	fi

	rm -f "$work"/next.* "$work"/by.*
	rotation=$(member type <"$work/header")
	[ "$rotation" = ledger.key_rotated ] || rotation=
	if [ -n "$rotation" ]; then
		sed -e 's/.*"keys":\["\([^]]*\)"\].*/\1/' -e 's/","/\n/g' "$work/payload" >"$work/vkeys"
		echo >>"$work/vkeys"
		sed -i '/^$/d' "$work/vkeys"
		keep next <"$work/vkeys"
	fi

	[ -z "$(sed -n 3p "$event")" ] || fail "no empty line before the signatures"
	sed 1,3d "$event" >"$work/signatures"
	[ -s "$work/signatures" ] || fail "there is no signature"
	while IFS= read -r signature; do
		[ "${signature% *}" = "— $ledger" ] || fail "a signature line is malformed"
		printf '%s' "${signature##* }" | base64 -d >"$work/raw" || fail "a signature is not base64"
		[ "$(($(wc -c <"$work/raw")))" = 68 ] || fail "a signature has the wrong length"
		id=$(head -c 4 "$work/raw" | hex)
		key=$work/key.$id
		[ -f "$key" ] || key=$work/next.$id
		[ -f "$key" ] || fail "a signature is not by a key of the ledger"
		tail -c 64 "$work/raw" >"$work/signature"
		openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$work/text" -sigfile "$work/signature" >/dev/null 2>&1 ||
			fail "the signature does not verify"
		: >"$work/by.$id"
	done <"$work/signatures"
	if [ -n "$rotation" ]; then # signed by a key of before and by every new one, which is in force from here on
		old=
		for key in "$work"/key.*; do
			[ ! -f "$work/by.${key##*.}" ] || old=yes
		done
		[ -n "$old" ] || fail "the rotation is not signed by a key of before"
		rm "$work"/key.*
		for key in "$work"/next.*; do
			[ -f "$work/by.${key##*.}" ] || fail "the rotation is not signed by a new key"
			mv "$key" "$work/key.${key##*.}"
		done
	fi
	i=$((i + 1))
done <"$work/payloads"
[ ! -f "$work/event.$i" ] || fail "the payload is missing"
[ "$i" -gt 0 ] || fail "there are no events"
echo "$i events verified: hashes, links, commitments, signatures"
