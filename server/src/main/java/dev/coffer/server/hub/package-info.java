/// What hubs share: sites that any thread sends by, to one of many connections or to all. A hub has a lane in each loop, and what it sends to has a
/// number that says in which.
///
/// Holds nothing but references to the lanes.
@org.jspecify.annotations.NullMarked
package dev.coffer.server.hub;
