package dev.coffer.server;

import dev.coffer.http.http1.Http1Config;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.RegionConfig.Commit;
import dev.coffer.server.drive.Loop;
import dev.coffer.server.files.FileSite;
import dev.coffer.server.time.Time;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/// A server of files with the ledger's page, as `coffer serve` has it: what most tests here ask.
record Setup(ServerConfig config, Path root, int files) {
    static Setup standard(Path root) {
        return new Setup(ServerConfig.standard(), root, FileSite.FILES);
    }

    static Setup tight(Path root) {
        return new Setup(ServerConfig.tight(), root, 64);
    }

    Site site() {
        return LedgerPage.before(FileSite.of(root, files));
    }

    /// As many active as connections, where no more than usual are asked for.
    Setup sized(int loops, int connections, int newFiles) {
        return new Setup(config.withSize(loops, connections, connections), root, newFiles);
    }

    Setup active(int count) {
        return new Setup(config.withSize(config.loops(), config.connections(), count), root, files);
    }

    Setup at(InetSocketAddress where) {
        return new Setup(config.withAddress(where), root, files);
    }

    Setup with(Http1Config http) {
        return new Setup(config.withHttp(http), root, files);
    }

    Setup withBlocks(int count, int bytes) {
        return new Setup(config.withBlocks(count, bytes), root, files);
    }

    Setup withLocked(Level level) {
        return new Setup(config.withLocked(level), root, files);
    }

    Setup withCommit(Commit when) {
        return new Setup(config.withCommit(when), root, files);
    }

    Setup withPortable(boolean on) {
        return new Setup(config.withPortable(on), root, files);
    }

    Setup withStopNanosMax(long nanos) {
        return new Setup(config.withTimes(config.answerNanosMax(), config.starvedNanosMax(), nanos), root, files);
    }

    int loops() {
        return config.loops();
    }

    Http1Config http() {
        return config.http();
    }

    Server open() throws IOException {
        return Server.open(config, site());
    }

    Server open(Time time) throws IOException {
        return Server.open(config, site(), time);
    }

    Server assemble() throws IOException {
        return Server.assemble(config, site(), List.of(), Time.SYSTEM);
    }

    MemoryPlan plan() {
        return Server.plan(config, site());
    }

    Loop loop(int index, Time time) throws IOException {
        LoopStatistics statistics = new LoopStatistics();
        return new Loop(config.loop(index), new HttpLane(config, site(), index, statistics), statistics.tally(), time);
    }

    MemoryPlan loopPlan(int index) {
        return Loop.plan(config.loop(index), new HttpLane(config, site(), index, new LoopStatistics()));
    }
}
