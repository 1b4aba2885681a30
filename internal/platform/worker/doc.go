// Package worker runs what package job describes, on River: what is due, one plan per slot,
// ceilings for what destroys, permanent action keys, retries per action, history, audit.
//
// The truth is in three tables; a row of River is only a wake-up, which may be lost or doubled
// without harm: what decides is always a conditional UPDATE on our own row.
//
//	job         what is known of each job: its last consumed slot, its approval, its pause
//	job_run     the plans worth telling: something was added, withdrawn, held, missed or failed
//	job_action  the plan and the ledger at once: one row for each thing to do, for ever its proof
//
// # The life of an action
//
// Done and moot are closed; every other state is open.
//
//	held ──confirm──> planned ──claim──> started ──> done           held, planned, failed
//	                     ^                  │                          └─ no longer wanted ──> moot
//	                     ├── retry later ───┤
//	                     ├── died, state ───┼──> moot       the precondition is gone
//	                     │                  ├──> failed     five refusals
//	                     │                  └──> uncertain  once: died, or the answer was lost
//	                     ├── failed: after 24 h if still wanted, or by a person
//	                     └── uncertain: by a person, who may also say that it is done
//
// A claim is committed before anything leaves the machine, and carries the number of the attempt;
// closing asks for that same number. So of two workers one wins the claim, and one that was taken
// for dead and comes back late changes nothing. An action in mode once that was started and never
// closed may have been performed: nobody but a person decides to do it again.
//
// # Where things are
//
//	due.go      which slot of a schedule is due (pure), and the durable slots
//	tick.go     what a worker does every 10 seconds
//	plan.go     asking a job for its plan; shown.go: the plan as people and machines read it
//	record.go   one transaction from a plan to rows; judge.go: what a wanted key becomes (pure)
//	guard.go    ceilings (pure)
//	act.go      claim and apply; retry.go: how an attempt ends (pure); close.go: the closing transaction
//	request.go  actions asked from a page; seal.go: their secrets
//	run.go      the synchronous executor: command line, tests, simulations
//	control.go  what a person decides: confirm, resolve, retry, pause
//	history.go  what pages and commands show; list.go: the catalogue
//	river.go    wake-ups
//
// Tables: job, job_run, job_action.
package worker
