package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"whocomply/domain/screening"
	"whocomply/domain/screening/lists"
)

// listCmd is about watchlists shared by all tenants.
type listCmd struct {
	Import listImportCmd `cmd:"" help:"Publish a version of a watchlist from its official files."`
}

// listImportCmd reads the files here and publishes what they say.
type listImportCmd struct {
	dataFlags
	List     string `help:"Name of the list, such as ofac-sdn." required:""`
	Format   string `help:"Format of the files." enum:"ofac-csv,whocomply-ndjson" required:""`
	Category string `help:"What being on it means." enum:"sanctions,pep,adverse_media,internal" default:"sanctions"`
	File     string `help:"The list." required:"" type:"existingfile"`
	Alt      string `help:"Aliases (ofac-csv)." type:"existingfile"`
	Add      string `help:"Addresses (ofac-csv)." type:"existingfile"`
	Comments string `help:"Continued remarks (ofac-csv)." type:"existingfile"`
	Force    string `help:"Why the list may shrink by more than half."`
	JSON     bool   `help:"Print JSON."`
}

// publishList is the operation behind it: the entries travel, not the files.
type publishList struct{ screening.PublishList }

// Run is the command.
func (c *listImportCmd) Run(ctx context.Context) error {
	cmd, err := c.read()
	if err != nil {
		return err
	}
	var p screening.Publication
	if err := operate(ctx, c.dataFlags, &publishList{cmd}, &p); err != nil {
		return err
	}
	return printResult(c.JSON, p, func(w io.Writer) {
		fmt.Fprintf(w, "%s version %d is in force: %d entries, %d names (%d added, %d changed, %d removed)\ndigest %s\n",
			p.List, p.Version, p.Entries, p.Names, p.Added, p.Altered, p.Removed, p.Digest)
	})
}

// read parses the files into the command that publishes them.
func (c *listImportCmd) read() (screening.PublishList, error) {
	cmd := screening.PublishList{
		List: c.List, Category: c.Category, Format: c.Format, Force: c.Force, RetrievedAt: time.Now().UTC().Truncate(time.Second),
	}
	hash := sha256.New()
	contents := map[string][]byte{}
	var sources []string
	for _, path := range []string{c.File, c.Alt, c.Add, c.Comments} {
		if path == "" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return cmd, err
		}
		hash.Write(content)
		contents[path] = content
		sources = append(sources, filepath.Base(path))
	}
	cmd.Source, cmd.SourceHash = strings.Join(sources, ", "), hex.EncodeToString(hash.Sum(nil))
	entries, err := c.parse(contents)
	if err != nil {
		return cmd, fmt.Errorf("%s: %w; the version in force stays", c.File, err)
	}
	cmd.Entries = entries
	return cmd, nil
}

// parse reads the contents of the files, by path.
func (c *listImportCmd) parse(contents map[string][]byte) ([]screening.Entry, error) {
	open := func(path string) io.Reader {
		if path == "" {
			return nil
		}
		return bytes.NewReader(contents[path])
	}
	if c.Format == lists.FormatNDJSON {
		return lists.NDJSON(open(c.File))
	}
	entries, _, err := lists.OFAC{SDN: open(c.File), Alt: open(c.Alt), Add: open(c.Add), Comments: open(c.Comments)}.Entries()
	return entries, err
}

func (p *publishList) name() string { return "publish-list" }

func (p *publishList) do(ctx context.Context, in *Instance, report progress) (any, error) {
	report(0, int64(len(p.Entries)))
	published, err := in.Ledgers.PublishList(ctx, operatorActor, p.PublishList)
	if err != nil {
		return nil, err
	}
	report(int64(len(p.Entries)), int64(len(p.Entries)))
	return published, nil
}
