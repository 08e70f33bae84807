package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// rawConn speaks as much HTTP/1.1 as a load client needs, for a tenth of the CPU of net/http: one request at a time
// over one kept connection, the request as prepared bytes. It is not safe for concurrent use.
type rawConn struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// rawResponse is what a load client looks at in an answer. The body is valid until the next request.
type rawResponse struct {
	status int
	seq    int64 // of the header Ledger-Seq, -1 without one
	body   []byte
}

// The headers that matter, as they are compared.
var (
	headerLength   = []byte("Content-Length")
	headerEncoding = []byte("Transfer-Encoding")
	headerSeq      = []byte("Ledger-Seq")
)

// maxRawBody bounds what a server can make the client hold.
const maxRawBody = 16 << 20

var errRawResponse = errors.New("not an HTTP/1.1 response")

func dialRaw(ctx context.Context, addr string) (*rawConn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &rawConn{conn: conn, in: bufio.NewReaderSize(conn, 16<<10)}, nil
}

// close ends the connection; requests are lost with it.
func (c *rawConn) close() { _ = c.conn.Close() }

// roundTrip sends a whole request and reads the whole answer.
func (c *rawConn) roundTrip(request []byte) (rawResponse, error) {
	if _, err := c.conn.Write(request); err != nil {
		return rawResponse{}, err
	}
	r, length, err := c.readHead()
	if err != nil {
		return r, err
	}
	c.body = c.body[:0]
	switch {
	case length == chunked:
		err = c.readChunks()
	case r.status == 204 || r.status == 304:
	case length < 0:
		err = fmt.Errorf("%w: no length", errRawResponse)
	default:
		err = c.readBody(length)
	}
	r.body = c.body
	return r, err
}

// chunked stands for a length that only the body tells.
const chunked = -2

// readHead reads the status line and the headers, and gives the length of the body, -1 if they do not say.
func (c *rawConn) readHead() (r rawResponse, length int, err error) {
	line, err := c.readLine()
	if err != nil {
		return r, 0, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return r, 0, fmt.Errorf("%w: %q", errRawResponse, line)
	}
	if r.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return r, 0, fmt.Errorf("%w: %q", errRawResponse, line)
	}
	r.seq, length = -1, -1
	for {
		if line, err = c.readLine(); err != nil || len(line) == 0 {
			return r, length, err
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, headerLength):
			length, err = strconv.Atoi(string(value))
		case bytes.EqualFold(name, headerEncoding):
			length = chunked
		case bytes.EqualFold(name, headerSeq):
			r.seq, err = strconv.ParseInt(string(value), 10, 64)
		}
		if err != nil {
			return r, 0, fmt.Errorf("%w: %q", errRawResponse, line)
		}
	}
}

// readLine gives a line without its end. It is valid until the next read.
func (c *rawConn) readLine() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'}), nil
}

// readBody appends n bytes to the body.
func (c *rawConn) readBody(n int) error {
	start := len(c.body)
	if n < 0 || n > maxRawBody-start {
		return fmt.Errorf("%w: body of %d bytes", errRawResponse, n)
	}
	c.body = append(c.body, make([]byte, n)...)
	_, err := io.ReadFull(c.in, c.body[start:])
	return err
}

// readChunks reads a chunked body up to the end of its trailers.
func (c *rawConn) readChunks() error {
	for {
		line, err := c.readLine()
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(line, []byte{';'})
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		if err != nil {
			return fmt.Errorf("%w: chunk of size %q", errRawResponse, line)
		}
		if size == 0 {
			break
		}
		if err := c.readBody(int(size)); err != nil {
			return err
		}
		if end, err := c.readLine(); err != nil || len(end) > 0 {
			return errors.Join(errRawResponse, err)
		}
	}
	for {
		if line, err := c.readLine(); err != nil || len(line) == 0 {
			return err
		}
	}
}
