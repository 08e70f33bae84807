package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"whocomply/domain/chain"
)

// service is a service of compose.yaml, as far as it can be held to something without an engine.
type service struct {
	Image       string
	Build       string
	Command     []string
	Environment map[string]string
	ReadOnly    bool `yaml:"read_only"`
	Volumes     []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
}

func readCompose(t *testing.T) (services map[string]service, volumes []string) {
	t.Helper()
	text, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for name := range file.Volumes {
		volumes = append(volumes, name)
	}
	return file.Services, volumes
}

// pinned is an image of a stated version.
var pinned = regexp.MustCompile(`^[a-z/]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$`)

func TestComposeNamesWhatThereIs(t *testing.T) {
	services, volumes := readCompose(t)
	if len(services) != 7 {
		t.Errorf("%d services", len(services))
	}
	for name, s := range services {
		if s.Build == "" && !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %s states no version", name, s.Image)
		}
		for on := range s.DependsOn {
			if _, there := services[on]; !there {
				t.Errorf("%s depends on %s, which is not there", name, on)
			}
		}
		for _, v := range s.Volumes {
			if volume, _, _ := strings.Cut(v, ":"); !slices.Contains(volumes, volume) {
				t.Errorf("%s: volume %s is not declared", name, volume)
			}
		}
	}
	for _, name := range []string{"es1", "es2", "es3"} {
		if seeds := services[name].Environment["EVENTSTORE_GOSSIP_SEED"]; strings.Contains(seeds, name) || strings.Count(seeds, ":2113") != 2 {
			t.Errorf("%s asks %s", name, seeds)
		}
	}
}

// TestDeploymentUsesRealSettings wants each variable that the deployment files set to be one that the
// server reads, and its image to run without rights.
func TestDeploymentUsesRealSettings(t *testing.T) {
	known := settings(t)
	services, _ := readCompose(t)
	for _, name := range []string{"app1", "app2"} {
		s := services[name]
		if !s.ReadOnly || len(s.Environment) < 5 {
			t.Errorf("%s: read only %v, %d variables", name, s.ReadOnly, len(s.Environment))
		}
		for variable := range s.Environment {
			if !slices.Contains(known, variable) {
				t.Errorf("%s: the server knows no %s", name, variable)
			}
		}
	}
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range regexp.MustCompile(`WHOCOMPLY_\w+`).FindAllString(string(text), -1) {
		if !slices.Contains(known, variable) {
			t.Errorf("Dockerfile: the server knows no %s", variable)
		}
	}
	from := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(text), -1)
	if len(from) != 2 || !pinned.MatchString(from[0][1]) || from[1][1] != "scratch" {
		t.Errorf("the image is made from %q", from)
	}
	if user := regexp.MustCompile(`(?m)^USER (\d+):`).FindStringSubmatch(string(text)); len(user) != 2 || user[1] == "0" {
		t.Errorf("the image runs as %q", user)
	}
}

// settings are the variables that the server reads.
func settings(t *testing.T) (names []string) {
	t.Helper()
	parser, err := newParser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse([]string{"serve"})
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parsed.Flags() {
		names = append(names, flag.Envs...)
	}
	return names
}

// TestComposeMakesKeysAndCertificates runs what compose.yaml runs first, and uses what it leaves.
func TestComposeMakesKeysAndCertificates(t *testing.T) {
	services, _ := readCompose(t)
	setup := services["setup"]
	out, tools := t.TempDir(), t.TempDir()
	for _, v := range setup.Volumes {
		_, inside, _ := strings.Cut(v, ":/out/")
		if err := os.Mkdir(filepath.Join(out, inside), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(tools, "chown"), []byte("#!/bin/sh\n"), 0o700); err != nil { // only root may
		t.Fatal(err)
	}
	script := strings.ReplaceAll(setup.Command[2], "$$", "$")
	for range 2 { // the second time it finds all there
		cmd := exec.CommandContext(t.Context(), setup.Command[0], setup.Command[1], script)
		cmd.Env = []string{"OUT=" + out, "PATH=" + tools + ":" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	for dir, name := range map[string]string{"es1": "es1", "es2": "es2", "es3": "es3", "postgres": "postgres", "app": "app2"} {
		checkCertificate(t, filepath.Join(out, dir), name)
	}
	var keys [2][]byte
	for i, dir := range []string{"app1", "app2"} {
		flags := dataFlags{Data: filepath.Join(out, dir)}
		if _, err := flags.signingKey(); err != nil {
			t.Error(err)
		}
		if _, err := flags.vault(); err != nil {
			t.Error(err)
		}
		keys[i], _ = os.ReadFile(flags.path(keyFile))
	}
	if _, err := chain.ParseKey(keys[0], nil); err != nil || string(keys[0]) != string(keys[1]) {
		t.Errorf("the nodes' signing keys: %v", err)
	}
}

// checkCertificate wants the certificate in a folder to be good for a name, for servers and for clients.
func checkCertificate(t *testing.T, dir, name string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "node.crt"), filepath.Join(dir, "node.key"))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := os.ReadFile(filepath.Join(dir, "ca", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, KeyUsages: []x509.ExtKeyUsage{use}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.HasPrefix(name, "es") && pair.Leaf.Subject.CommonName != "eventstoredb-node" {
		t.Errorf("%s: an event store refuses a peer named %s", name, pair.Leaf.Subject.CommonName)
	}
}
