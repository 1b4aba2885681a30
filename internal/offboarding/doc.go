// Package offboarding accompanies a departure: the messages before and after the last day, the
// timeline of what stops and when, what an administrator postpones or cancels of it, and the
// request to stay longer that a teammate or the incubator accepts.
//
// A departure is the last day of the last mission (member.LastEnd). Each step falls due a number
// of days after it (rules); other rooms perform most of them, and ask member.HeldDepartures first.
// A message is announced once for each last day: whoever is extended is told of the new one.
//
// Tables: extension_request.
package offboarding
