// Package sample holds the made-up people of the demo and of the tests.
package sample
