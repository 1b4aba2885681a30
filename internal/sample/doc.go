// Package sample holds people who do not exist: the made-up community of the demo and of the
// tests, the addresses and states that "import --populate" gives to the people of the public
// directory, and what the simulated vendors hold of both.
//
// It fills whole databases that hold nothing real, hence writes in the tables of rooms.
//
// Tables: member, incubator.
package sample
