// Package life plays whole lives of members, from the record that a colleague creates to the day
// when nothing of their access remains, on the real product, with every vendor simulated and a
// clock that jumps from one slot to the next. It holds tests only.
package life
