package objectstoresim

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Values of x-amz-content-sha256 that are not a hash.
const (
	unsigned        = "UNSIGNED-PAYLOAD"
	signedChunks    = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

const maxContent = 64 << 20 // bytes

// body reads the content of a request and checks what its signature says of it.
func (s signature) body(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxContent+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	if len(raw) > maxContent {
		return nil, refuse(http.StatusBadRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	}
	switch s.payload {
	case unsigned:
		return raw, nil
	case signedChunks, signedTrailer, unsignedTrailer:
		return s.chunks(raw, r.Header.Get("X-Amz-Decoded-Content-Length"))
	}
	if hash(raw) != s.payload {
		return nil, refuse(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return raw, nil
}

// chunks reads a body sent in chunks, each signed from the one before.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
func (s signature) chunks(raw []byte, decoded string) ([]byte, error) {
	incomplete := refuse(http.StatusBadRequest, "IncompleteBody", "The request body terminated unexpectedly")
	reader := bufio.NewReader(bytes.NewReader(raw))
	var content []byte
	previous := s.value
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return nil, incomplete
		}
		size, extension, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n < 0 {
			return nil, incomplete
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(reader, chunk); err != nil {
			return nil, incomplete
		}
		if s.payload != unsignedTrailer {
			previous = s.sign("AWS4-HMAC-SHA256-PAYLOAD\n" + s.date + "\n" + s.scope + "\n" + previous + "\n" + hash(nil) + "\n" + hash(chunk))
			if extension != "chunk-signature="+previous {
				return nil, refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The signature of a chunk does not match.")
			}
		}
		if n == 0 {
			break
		}
		content = append(content, chunk...)
		if end, err := reader.ReadString('\n'); err != nil || end != "\r\n" {
			return nil, incomplete
		}
	}
	if decoded != strconv.Itoa(len(content)) {
		return nil, incomplete
	}
	return content, nil
}
