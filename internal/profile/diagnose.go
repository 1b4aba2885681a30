package profile

// Diagnosis tells what blocks a person and what to do next.
type Diagnosis struct{}
