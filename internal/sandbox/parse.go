package sandbox

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// parse reads a message as it came by SMTP.
func parse(raw io.Reader) (Mail, error) {
	message, err := mail.ReadMessage(raw)
	if err != nil {
		return Mail{}, fmt.Errorf("read message: %w", err)
	}
	words := &mime.WordDecoder{}
	decoded := func(name string) string {
		text, err := words.DecodeHeader(message.Header.Get(name))
		if err != nil {
			return message.Header.Get(name)
		}
		return text
	}
	m := Mail{
		Subject: decoded("Subject"), Headers: map[string]string{},
		MessageID: strings.Trim(message.Header.Get("Message-Id"), "<> "),
	}
	for name := range message.Header {
		switch name {
		case "From", "To", "Subject", "Message-Id", "Reply-To":
		default:
			m.Headers[name] = decoded(name)
		}
	}
	if from, err := mail.ParseAddress(message.Header.Get("From")); err == nil {
		m.From, m.FromName = from.Address, from.Name
	}
	if reply, err := mail.ParseAddress(message.Header.Get("Reply-To")); err == nil {
		m.ReplyTo = reply.Address
	}
	return m, m.read(textproto.MIMEHeader(message.Header), message.Body)
}

// read takes the first text part and the first HTML part, wherever they are nested.
func (m *Mail) read(header textproto.MIMEHeader, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.readParts(multipart.NewReader(body, parameters["boundary"]))
	}
	content, err := io.ReadAll(decoder(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return fmt.Errorf("read %s part: %w", kind, err)
	}
	text := strings.ReplaceAll(utf8Text(content, parameters["charset"]), "\r\n", "\n")
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
	return nil
}

func (m *Mail) readParts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read parts: %w", err)
		}
		if err := m.read(part.Header, part); err != nil {
			return err
		}
	}
}

func decoder(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// utf8Text converts Latin-1, the only other charset that our mails could meet.
func utf8Text(content []byte, charset string) string {
	if !strings.EqualFold(charset, "iso-8859-1") {
		return string(content)
	}
	runes := make([]rune, len(content))
	for i, b := range content {
		runes[i] = rune(b)
	}
	return string(runes)
}
