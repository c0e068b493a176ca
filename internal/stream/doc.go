// Package stream is the durable log between collectors and taggers, on NATS JetStream: in this
// process with a directory of its own, or on an outside server by URL, with the same code.
//
// The log is one stream with one subject a feed. What it promises:
//
//   - An envelope whose Publish returned is on disk and is delivered until it is acknowledged.
//   - A feed has one writer: an envelope is published with the expected last sequence of its
//     subject, and who comes second is fenced. A publish that is tried again never writes twice.
//   - A full log, a lost connection or a cluster without a leader make Publish wait. Nothing is
//     thrown away to make room but what was acknowledged.
//   - The last envelope of each feed is kept, acknowledged or not: a collector resumes from it.
package stream
