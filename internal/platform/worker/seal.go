package worker

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

func newSeal(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("prepare the seal: %w", err)
	}
	return cipher.NewGCM(block)
}

// sealed hides a secret for its way through the database. It is tied to the key of its action:
// copied to another one, it does not open. Nil stays nil.
func (w *Worker) sealed(key string, secret []byte) []byte {
	if secret == nil {
		return nil
	}
	nonce := make([]byte, w.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails: it ends the program
	return w.seal.Seal(nonce, nonce, secret, []byte(key))
}

func (w *Worker) unsealed(key string, box []byte) ([]byte, error) {
	if box == nil {
		return nil, nil
	}
	size := w.seal.NonceSize()
	if len(box) < size {
		return nil, errors.New("a sealed secret is too short")
	}
	secret, err := w.seal.Open(nil, box[:size], box[size:], []byte(key))
	if err != nil {
		return nil, errors.New("a sealed secret does not open: was the key changed?")
	}
	return secret, nil
}
