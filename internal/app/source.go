package app

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

const (
	maxSource     = 128 << 20 // bytes of a file of the public site, uncompressed
	sourceTimeout = time.Minute
)

// readSource reads a file or an address of the public site, compressed with gzip or not. A
// demonstration asks nothing outside the machine.
func readSource(ctx context.Context, from string, demo bool) ([]byte, error) {
	open := openFile
	if strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://") {
		open = download
		if demo && !onThisMachine(from) {
			return nil, fault.New(fault.Invalid, "La démonstration ne lit rien hors de cette machine : donne un fichier à la place de "+from+".", "demo asked to read %s", from)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	body, err := open(ctx, from)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxSource))
	if err != nil {
		return nil, fault.New(fault.Unavailable, from+" ne se lit pas jusqu’au bout.", "read %s: %w", from, err)
	}
	if !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	return unzip(from, text)
}

func unzip(from string, text []byte) ([]byte, error) {
	broken := func(err error) error {
		return fault.New(fault.Invalid, from+" est un fichier gzip abîmé.", "unzip %s: %w", from, err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, broken(err)
	}
	plain, err := io.ReadAll(io.LimitReader(reader, maxSource))
	if err != nil {
		return nil, broken(err)
	}
	return plain, nil
}

func openFile(_ context.Context, path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "Le fichier "+path+" est illisible.", "open a source: %w", err)
	}
	return file, nil
}

func download(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fault.New(fault.Invalid, "L’adresse "+address+" n’est pas valable.", "read an address: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fault.New(fault.Unavailable, address+" ne répond pas.", "download: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		kind := fault.Unavailable
		if response.StatusCode == http.StatusNotFound {
			kind = fault.NotFound
		}
		return nil, fault.New(kind, fmt.Sprintf("%s répond %d.", address, response.StatusCode), "download: status %d", response.StatusCode)
	}
	return response.Body, nil
}

// onThisMachine tells whether an address is of the loopback interface.
func onThisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
