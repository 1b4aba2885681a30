package session

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// memberKey is where the member of a session stands among its values.
const memberKey = "member"

// codec writes the values of a session as JSON; they are all texts.
type codec struct{}

type stored struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode writes the values.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	s := stored{Deadline: deadline, Values: make(map[string]string, len(values))}
	for key, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("session value %s is a %T, not a text", key, value)
		}
		s.Values[key] = text
	}
	return json.Marshal(s)
}

// Decode reads them back.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return time.Time{}, nil, fmt.Errorf("read session values: %w", err)
	}
	values := make(map[string]any, len(s.Values))
	for key, value := range s.Values {
		values[key] = value
	}
	return s.Deadline, values, nil
}

// memberOf tells whose session it is; the nil uuid when nobody is logged in.
func memberOf(data []byte) (uuid.UUID, error) {
	_, values, err := codec{}.Decode(data)
	if err != nil {
		return uuid.Nil, err
	}
	text, _ := values[memberKey].(string)
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, fmt.Errorf("read the member of a session: %w", err)
	}
	return id, nil
}
