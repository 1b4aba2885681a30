package mailboxovh

import (
	"crypto/rand"
	"math/big"
)

// password draws 24 characters that nobody will know: every kind that a security policy may
// ask for, and a length that every plan takes (9 to 30).
func password() string {
	kinds := []string{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "-_.!*+=%"}
	const length = 24
	secret := make([]byte, length)
	for i := range secret {
		kind := kinds[i%len(kinds)]
		secret[i] = kind[draw(len(kind))]
	}
	for i := len(secret) - 1; i > 1; i-- { // the first stays a letter: some policies want it
		j := 1 + draw(i)
		secret[i], secret[j] = secret[j], secret[i]
	}
	return string(secret)
}

// draw gives a number from 0 to n-1, each as likely.
func draw(n int) int {
	drawn, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil { // never: the system's source does not fail
		panic(err)
	}
	return int(drawn.Int64())
}
