// Package vans reads and writes the VANSEnvelope 1.0.4: MedCom's XML wrapper
// that carries one document of any format between two end points, or the
// receipt for one.
//
// Specification: std:xdis91 §7, namespace urn:oio:medcom:vans-envelope:1.0.4.
//
// Deliberately missing: the retry and duplicate rules of the reliable flow (they
// need a memory and belong to the gateway), and any look into the document.
//
// What surprises: the envelope's receipt says that a message arrived; whether the
// letter in it was accepted is said by a CTL or XCTL receipt, and both can occur
// for one letter (§7.4). A wrong SizeInBytes is a warning only.
package vans
