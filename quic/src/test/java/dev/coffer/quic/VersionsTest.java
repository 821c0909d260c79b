package dev.coffer.quic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.quic.frame.TransportError;
import dev.coffer.quic.packet.PacketWriter;
import dev.coffer.quic.packet.Version;
import dev.coffer.quic.parameter.TransportParameters;
import dev.coffer.quic.parameter.TransportParametersWriter;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Compatible version negotiation (RFC 9368): a server that would rather speak version 2, and who says what he did not.
class VersionsTest extends Talk {
    private static final int SELF = 0x0a000002;
    private static final int PEER = 0x0a000001;

    VersionsTest() {
        super(QuicConfig.defaults());
    }

    @AfterEach
    void off() {
        ends.serverLoop.preferVersion2(false);
    }

    private String spoken() {
        return ends.client.c.version + " " + ends.server.c.version;
    }

    @Test
    void aServerThatPrefersVersion2SpeaksItWithWhoBeganIn1() {
        converse();
        assertEquals("V1 V1", spoken(), "not asked for");
        end();
        begin();
        ends.serverLoop.preferVersion2(true);
        converse();
        assertEquals("V2 V2", spoken());
        assertTrue(ends.client.isConfirmed() && ends.server.isConfirmed());
        long stream = ends.client.open(true);
        ends.client.write(stream, MemorySegment.ofArray(new byte[3000]), 0, 3000);
        converse();
        assertEquals(stream, ends.server.pollReady());
    }

    @Override
    void end() {
        ends.server.reset(now);
        ends.client.reset(now);
        assertEquals(0, ends.held());
    }

    @AfterEach
    void close() {
        ends.close();
    }

    @Test
    void whatIsNotTheServersTurnsNobody() {
        List<Datagram> hello = all(ends.client);
        byte[] forged = hello.get(0).bytes().clone();
        Connection c = ends.client.c;
        MemorySegment out = Arena.ofAuto().allocate(1472);
        MemorySegment ours = c.memory.asSlice(LocalIds.at(c, 0), 24);
        long numberAt = PacketWriter.initial(out, 0, Version.V2, ours, 0, 0, ours, 0, 0, 0, 1);
        PacketWriter.length(out, numberAt, forged.length - 16);
        for (int i = 0; i < 3; i++) {
            feed(ends.client, out.asSlice(0, forged.length).toArray(ValueLayout.JAVA_BYTE), PEER, 443);
            assertEquals(Version.V1, c.version);
            assertFalse(c.serverHeard);
        }
        for (Datagram each : hello) {
            feed(ends.server, each.bytes(), SELF, 5000);
        }
        converse();
        assertEquals("V1 V1", spoken());
        assertTrue(ends.client.isConfirmed());
    }

    /// {@return the error that follows when the client's parameters say so of versions}
    private long said(Version chosen) {
        for (Datagram each : all(ends.client)) {
            feed(ends.server, each.bytes(), SELF, 5000);
        }
        Connection c = ends.server.c;
        MemorySegment said = Arena.ofAuto().allocate(TransportParameters.BYTES, 8);
        MemorySegment.copy(c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, said, 0, TransportParameters.BYTES);
        assertEquals(Version.V1.code(), TransportParameters.chosenVersion(said, 0), "as it was said");
        assertTrue(TransportParameters.isAvailable(said, 0, Version.V1) && TransportParameters.isAvailable(said, 0, Version.V2));
        TransportParameters.versions(said, 0, chosen, true, true);
        long length = TransportParametersWriter.write(said, 0, false, wire, 0);
        c.onParameters(wire, 0, (int) length);
        return c.parametersError;
    }

    @Test
    void whoHasChosenAnotherVersionThanHeSpeaksIsClosed() {
        assertEquals(TransportError.NO_ERROR, said(Version.V1));
        assertEquals(TransportError.VERSION_NEGOTIATION_ERROR, said(Version.V2));
    }

    @Test
    void aServerOfVersion2ThatSaysNothingOfItIsNotBelieved() {
        Connection c = ends.client.c;
        MemorySegment said = Arena.ofAuto().allocate(TransportParameters.BYTES, 8);
        TransportParameters.clear(said, 0);
        assertEquals(0, TransportParameters.chosenVersion(said, 0));
        MemorySegment.copy(said, 0, c.memory, c.handshakeAt + ConnectionLayout.PARAMETERS, TransportParameters.BYTES);
        assertEquals(TransportError.NO_ERROR, Versions.agree(c, c.handshakeAt + ConnectionLayout.PARAMETERS), "an old one of version 1");
        Versions.turn(c, Version.V2);
        assertEquals(TransportError.VERSION_NEGOTIATION_ERROR, Versions.agree(c, c.handshakeAt + ConnectionLayout.PARAMETERS));
    }

    @Test
    void itIsAgreedOnOverNetworksThatLoseAndMix() {
        ends.serverLoop.preferVersion2(true);
        Seeds.forEach(1, QuicSimulationTest.seeds(2), random -> {
            QuicSimulationTest.run(ends, random, QuicSimulationTest.with(0.25).withDisorder(0.05, 0.05), QuicSimulationTest.with(0.25), 2, 2000);
            assertEquals("V2 V2", spoken());
        });
    }
}
