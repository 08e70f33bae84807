package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"whocomply/domain/access"
	"whocomply/domain/ledger"
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
	List         string        `help:"Name of the list, such as ofac-sdn." required:""`
	Format       string        `help:"Format of the files: ${listFormats}." enum:"${listFormats}" required:""`
	Category     string        `help:"What being on it means." enum:"sanctions,pep,adverse_media,internal" default:"sanctions"`
	File         []string      `help:"The list; .gz is unpacked. Given again for the further acts of eu-journal-csv." required:"" type:"existingfile" sep:"none"`
	Alt          string        `help:"Aliases (ofac-csv)." type:"existingfile"`
	Add          string        `help:"Addresses (ofac-csv)." type:"existingfile"`
	Comments     string        `help:"Continued remarks (ofac-csv)." type:"existingfile"`
	Retrieved    time.Time     `help:"When the files were retrieved, RFC 3339; now if not given."`
	MaxAge       time.Duration `help:"How long after that the list is fresh; 7 days if not given."`
	AllowSmaller string        `help:"Why the list may have less than 70 % of the entries or names in force." aliases:"force" placeholder:"REASON"`
	JSON         bool          `help:"Print JSON."`
}

// publishList is the operation behind it: the entries travel, not the files.
type publishList struct{ screening.PublishList }

// published is what came of it, with the names in the difference to the version before.
type published struct {
	screening.Publication
	Difference struct {
		Added   []string `json:"added,omitempty"`
		Altered []string `json:"altered,omitempty"`
		Removed []string `json:"removed,omitempty"`
	} `json:"difference"` // at most maxShown names of each
}

// maxShown is how many names of each part of a difference are told.
const maxShown = 20

// Run is the command.
func (c *listImportCmd) Run(ctx context.Context) error {
	cmd, err := c.read()
	if err != nil {
		return err
	}
	var p published
	if err := operate(ctx, c.dataFlags, &publishList{cmd}, &p); err != nil {
		return err
	}
	return printResult(c.JSON, p, p.print)
}

func (p *published) print(w io.Writer) {
	fmt.Fprintf(w, "%s version %d is in force: %d entries, %d names (%d added, %d changed, %d removed)\ndigest %s, fresh until %s\n",
		p.List, p.Version, p.Entries, p.Names, p.Added, p.Altered, p.Removed, p.Digest, p.Expires().Format(time.RFC3339))
	for _, part := range []struct {
		mark  string
		names []string
		count int
	}{{"+", p.Difference.Added, p.Added}, {"~", p.Difference.Altered, p.Altered}, {"-", p.Difference.Removed, p.Removed}} {
		for _, name := range part.names {
			fmt.Fprintf(w, "%s %s\n", part.mark, name)
		}
		if more := part.count - len(part.names); len(part.names) > 0 && more > 0 {
			fmt.Fprintf(w, "%s … and %d more\n", part.mark, more)
		}
	}
}

// read parses the files into the command that publishes them.
func (c *listImportCmd) read() (screening.PublishList, error) {
	cmd := screening.PublishList{
		List: c.List, Category: c.Category, Format: c.Format, Force: c.AllowSmaller, MaxAge: c.MaxAge, RetrievedAt: c.Retrieved.UTC(),
	}
	if c.Retrieved.IsZero() {
		cmd.RetrievedAt = time.Now().UTC().Truncate(time.Second)
	}
	hash := sha256.New()
	var sources []string
	open := func(path string) (io.Reader, error) {
		if path == "" {
			return nil, nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		hash.Write(content)
		sources = append(sources, filepath.Base(path))
		if strings.HasSuffix(path, ".gz") {
			return gzip.NewReader(bytes.NewReader(content))
		}
		return bytes.NewReader(content), nil
	}
	var files lists.Files
	for _, path := range c.File {
		from, err := open(path)
		if err != nil {
			return cmd, err
		}
		files.List = append(files.List, lists.File{Name: filepath.Base(path), From: from})
	}
	for _, part := range []struct {
		path string
		to   *io.Reader
	}{{c.Alt, &files.Alt}, {c.Add, &files.Add}, {c.Comments, &files.Comments}} {
		from, err := open(part.path)
		if err != nil {
			return cmd, err
		}
		*part.to = from
	}
	cmd.Source, cmd.SourceHash = sourceName(sources), hex.EncodeToString(hash.Sum(nil))
	content, err := lists.Read(c.Format, files)
	if err != nil {
		return cmd, fmt.Errorf("%w; the version in force stays", err)
	}
	cmd.Entries, cmd.Amendment = content.Entries, content.Amendment
	return cmd, nil
}

// sourceName names the files of a publication, the first and how many if there are many.
func sourceName(files []string) string {
	if len(files) > 4 {
		return fmt.Sprintf("%s and %d more", files[0], len(files)-1)
	}
	return strings.Join(files, ", ")
}

func (p *publishList) name() string { return "publish-list" }

func (p *publishList) do(ctx context.Context, in *Instance, report progress) (any, error) {
	report(0, int64(len(p.Entries)))
	before, err := p.inForce(ctx, in)
	if err != nil {
		return nil, err
	}
	publication, err := in.Ledgers.PublishList(ctx, operatorActor, p.PublishList)
	if err != nil {
		return nil, err
	}
	report(int64(len(p.Entries)), int64(len(p.Entries)))
	after, err := p.inForce(ctx, in)
	if err != nil {
		return nil, err
	}
	out := published{Publication: *publication}
	d := after.Since(before)
	out.Difference.Added, out.Difference.Altered, out.Difference.Removed = shown(d.Added), shown(d.Altered), shown(d.Removed)
	return out, nil
}

// inForce gives the content of the list that is in force.
func (p *publishList) inForce(ctx context.Context, in *Instance) (content *screening.List, err error) {
	err = in.Ledgers.View(ctx, access.System, func(s *ledger.State) error {
		for _, list := range s.Screening.Shared() {
			if list.Name() == p.List {
				content = list
			}
		}
		return nil
	})
	return content, err
}

func shown(entries []*screening.Entry) (names []string) {
	for _, e := range entries[:min(len(entries), maxShown)] {
		names = append(names, e.Name)
	}
	return names
}
