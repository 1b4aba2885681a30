package mail

// SampleLetter gives a letter with every kind of block.
func SampleLetter() Letter { return sampleLetter() }
