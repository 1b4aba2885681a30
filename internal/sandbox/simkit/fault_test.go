package simkit

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestRateIsRespected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0, 1).Draw(t, "rate")
		faults := &Faults{}
		faults.Add(Fault{Vendor: "ovh", Kind: Error, When: Before, Rate: rate})
		fired := 0
		for range 1000 {
			if faults.Pick("ovh", "GET", "/").Fault != nil {
				fired++
			}
		}
		if math.Abs(float64(fired)/1000-rate) > 0.01 {
			t.Fatalf("%d of 1000 at rate %v", fired, rate)
		}
		if rate == 1 && fired != 1000 {
			t.Fatalf("rate 1 spared %d", 1000-fired)
		}
	})
}

func TestDelaysAddUpAndTheFirstFailureWins(t *testing.T) {
	faults := &Faults{}
	for _, f := range []Fault{
		{Vendor: Everyone, Kind: Slow, When: Before, LatencyMS: 10, Rate: 1},
		{Vendor: "ovh", Kind: Slow, When: After, LatencyMS: 5, Rate: 1},
		{Vendor: "ovh", Kind: Drop, When: Before, LatencyMS: 7, Rate: 1, Count: 1},
		{Vendor: "ovh", Kind: Error, When: Before, Rate: 1},
	} {
		faults.Add(f)
	}
	first := faults.Pick("ovh", "GET", "/")
	if first.DelayBefore.Milliseconds() != 17 || first.DelayAfter.Milliseconds() != 5 || first.Fault.Kind != Drop {
		t.Errorf("first: %+v", first)
	}
	if second := faults.Pick("ovh", "GET", "/"); second.Fault.Kind != Error {
		t.Errorf("second: %+v", second.Fault)
	}
	if other := faults.Pick("brevo", "GET", "/"); other.Fault != nil || other.DelayBefore == 0 {
		t.Errorf("another vendor: %+v", other)
	}
	faults.Clear("ovh")
	if left := faults.List(); len(left) != 1 || left[0].Vendor != Everyone {
		t.Errorf("left: %+v", left)
	}
}
