# The server and the auditor's verifier, static, in an image that holds nothing else. It runs as a user without rights,
# needs nothing of its root file system but to read it, and keeps what it writes in /data.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/bin/ ./cmd/whocomply ./cmd/ledger-verify \
 && install -d -m 0700 -o 65532 -g 65532 /out/data \
 && install -d -m 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/bin/ /bin/
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/tmp /tmp
USER 65532:65532
ENV WHOCOMPLY_DATA=/data WHOCOMPLY_LISTEN=0.0.0.0:8443
VOLUME /data
EXPOSE 8443
ENTRYPOINT ["/bin/whocomply"]
CMD ["serve"]
