package dev.coffer.evm.vectors;

import static dev.coffer.evm.Rejection.BALANCE_TOO_LOW;
import static dev.coffer.evm.Rejection.BLOB_FEE_BELOW_BASE_FEE;
import static dev.coffer.evm.Rejection.BLOB_VERSION_UNKNOWN;
import static dev.coffer.evm.Rejection.FEE_BELOW_BASE_FEE;
import static dev.coffer.evm.Rejection.GAS_ABOVE_BLOCK;
import static dev.coffer.evm.Rejection.GAS_ABOVE_CAP;
import static dev.coffer.evm.Rejection.GAS_BELOW_FLOOR;
import static dev.coffer.evm.Rejection.GAS_BELOW_INTRINSIC;
import static dev.coffer.evm.Rejection.INITCODE_TOO_LONG;
import static dev.coffer.evm.Rejection.MAY_NOT_CREATE;
import static dev.coffer.evm.Rejection.NONCE_AT_END;
import static dev.coffer.evm.Rejection.NONCE_TOO_HIGH;
import static dev.coffer.evm.Rejection.NONCE_TOO_LOW;
import static dev.coffer.evm.Rejection.NO_AUTHORIZATIONS;
import static dev.coffer.evm.Rejection.NO_BLOBS;
import static dev.coffer.evm.Rejection.SENDER_HAS_CODE;
import static dev.coffer.evm.Rejection.TIP_ABOVE_FEE;
import static dev.coffer.evm.Rejection.TOO_MANY_BLOBS;
import static dev.coffer.evm.Rejection.TYPE_UNKNOWN;

import dev.coffer.evm.Rejection;
import dev.coffer.evm.TransactionReader.Refusal;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Why a test expects its transaction to be invalid, by the names of both families of tests: `TransactionException.INSUFFICIENT_ACCOUNT_FUNDS`, of which a test may list
/// several with `|` between them, and those before, such as `TR_NoFunds`. A name that is not known here is any reason. Stateless.
///
/// Each name has the rejections that it stands for; and whether it is of a transaction's bytes, in which case what the reader of bytes says decides.
final class ExpectedReason {
    private static final String PREFIX = "TransactionException.";
    private static final Map<String, Set<Rejection>> REJECTIONS = new HashMap<>();
    private static final Map<String, Set<Refusal>> REFUSALS = new HashMap<>();

    static {
        is(TYPE_UNKNOWN, "TYPE_NOT_SUPPORTED", "TYPE_1_TX_PRE_FORK", "TYPE_2_TX_PRE_FORK", "TYPE_3_TX_PRE_FORK", "TYPE_3_TX_ZERO_BLOBS_PRE_FORK",
                "TYPE_4_TX_PRE_FORK",
                "TR_TypeNotSupported", "TR_TypeNotSupportedBlob");
        is(SENDER_HAS_CODE, "SENDER_NOT_EOA", "SenderNotEOA", "SenderNotEOAorNoCASH");
        is(NONCE_TOO_HIGH, "NONCE_MISMATCH_TOO_HIGH", "TR_NonceTooHigh");
        is(NONCE_TOO_LOW, "NONCE_MISMATCH_TOO_LOW", "TR_NonceTooLow");
        is(NONCE_AT_END, "NONCE_TOO_BIG", "NONCE_IS_MAX", "TR_NonceHasMaxValue", "NonceMax");
        is(BALANCE_TOO_LOW, "INSUFFICIENT_ACCOUNT_FUNDS", "GASLIMIT_PRICE_PRODUCT_OVERFLOW", "TR_NoFunds", "TR_NoFundsX", "TR_NoFundsOrGas",
                "SenderNotEOAorNoCASH",
                "TR_FeeCapLessThanBlocksORNoFunds", "GasLimitPriceProductOverflow");
        is(FEE_BELOW_BASE_FEE, "INSUFFICIENT_MAX_FEE_PER_GAS", "TR_FeeCapLessThanBlocks", "TR_FeeCapLessThanBlocksORNoFunds",
                "TR_FeeCapLessThanBlocksORGasLimitReached",
                "lowFeeCap");
        is(TIP_ABOVE_FEE, "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2", "TR_TipGtFeeCap", "tipTooHigh");
        is(BLOB_FEE_BELOW_BASE_FEE, "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS");
        // Tests that are older than the name of the floor call it the intrinsic gas.
        is(GAS_BELOW_INTRINSIC, "INTRINSIC_GAS_TOO_LOW", "TR_IntrinsicGas", "IntrinsicGas", "TR_NoFundsOrGas");
        is(GAS_BELOW_FLOOR, "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "INTRINSIC_GAS_TOO_LOW", "TR_IntrinsicGas", "IntrinsicGas", "TR_NoFundsOrGas");
        is(INITCODE_TOO_LONG, "INITCODE_SIZE_EXCEEDED", "TR_InitCodeLimitExceeded");
        is(GAS_ABOVE_BLOCK, "GAS_ALLOWANCE_EXCEEDED", "TR_GasLimitReached", "TR_FeeCapLessThanBlocksORGasLimitReached");
        is(GAS_ABOVE_CAP, "GAS_LIMIT_EXCEEDS_MAXIMUM");
        is(BLOB_VERSION_UNKNOWN, "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", "TR_BLOBVERSION_INVALID");
        is(TOO_MANY_BLOBS, "TYPE_3_TX_BLOB_COUNT_EXCEEDED", "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", "TR_BLOBLIST_OVERSIZE");
        is(NO_BLOBS, "TYPE_3_TX_ZERO_BLOBS", "TR_EMPTYBLOB");
        is(MAY_NOT_CREATE, "TYPE_3_TX_CONTRACT_CREATION", "TYPE_4_TX_CONTRACT_CREATION", "TR_BLOBCREATE");
        is(NO_AUTHORIZATIONS, "TYPE_4_EMPTY_AUTHORIZATION_LIST");

        is(Refusal.TYPE_UNKNOWN, "TYPE_NOT_SUPPORTED", "TYPE_1_TX_PRE_FORK", "TYPE_2_TX_PRE_FORK", "TYPE_3_TX_PRE_FORK", "TYPE_3_TX_ZERO_BLOBS_PRE_FORK",
                "TYPE_4_TX_PRE_FORK", "TR_TypeNotSupported", "TR_TypeNotSupportedBlob");
        is(Refusal.OTHER_CHAIN, "INVALID_CHAINID", "InvalidChainID");
        for (String name : new String[] {"INVALID_SIGNATURE_VRS", "RLP_INVALID_SIGNATURE_R", "RLP_INVALID_SIGNATURE_S", "EC_RECOVERY_FAIL", "InvalidVRS",
                "ECRecoveryFail"}) {
            is(Refusal.NOT_SIGNED, name);
            isMalformed(name);
        }
        for (String name : new String[] {"NONCE_OVERFLOW", "GASLIMIT_OVERFLOW", "VALUE_OVERFLOW", "GASPRICE_OVERFLOW", "PRIORITY_OVERFLOW", "ADDRESS_TOO_SHORT",
                "ADDRESS_TOO_LONG", "TYPE_3_TX_WITH_FULL_BLOBS", "TYPE_3_TX_CONTRACT_CREATION", "TYPE_4_TX_CONTRACT_CREATION", "TR_BLOBCREATE",
                "TYPE_4_INVALID_AUTHORITY_SIGNATURE", "TYPE_4_INVALID_AUTHORITY_SIGNATURE_S_TOO_HIGH", "TYPE_4_INVALID_AUTHORIZATION_FORMAT",
                "TR_RLP_WRONGVALUE"}) {
            isMalformed(name);
        }
    }

    private final String text;

    private ExpectedReason(String text) {
        this.text = text;
    }

    /// @param text  as the file has it
    static ExpectedReason of(String text) {
        return new ExpectedReason(text);
    }

    private static void is(Rejection reason, String... names) {
        for (String name : names) {
            REJECTIONS.computeIfAbsent(name, any -> EnumSet.noneOf(Rejection.class)).add(reason);
        }
    }

    private static void is(Refusal reason, String... names) {
        for (String name : names) {
            REFUSALS.computeIfAbsent(name, any -> EnumSet.noneOf(Refusal.class)).add(reason);
        }
    }

    private static void isMalformed(String name) {
        is(Refusal.MALFORMED, name);
        is(Refusal.TOO_LARGE, name);
    }

    /// {@return the names that stand for a rejection}
    static Set<String> names(Rejection rejection) {
        return REJECTIONS.entrySet().stream().filter(entry -> entry.getValue().contains(rejection)).map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    private String[] names() {
        String[] names = text.split("\\|", -1);
        for (int i = 0; i < names.length; i++) {
            String name = names[i].strip();
            names[i] = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        }
        return names;
    }

    private static boolean isOfBytes(String name) {
        return name.startsWith("RLP_");
    }

    /// {@return whether it has a name that nothing is known of, so that it is any reason}
    boolean isUnknown() {
        for (String name : names()) {
            if (!REJECTIONS.containsKey(name) && !REFUSALS.containsKey(name) && !isOfBytes(name)) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether a transaction that is rejected so is invalid for a reason that it names}
    boolean isMetBy(Rejection reason) {
        for (String name : names()) {
            if (REJECTIONS.getOrDefault(name, Set.of()).contains(reason)) {
                return true;
            }
        }
        return isUnknown();
    }

    /// {@return the same, where its bytes are refused}
    boolean isMetBy(Refusal reason) {
        for (String name : names()) {
            if (REFUSALS.getOrDefault(name, Set.of()).contains(reason)
                    || isOfBytes(name) && (reason == Refusal.MALFORMED || reason == Refusal.TOO_LARGE)) {
                return true;
            }
        }
        return isUnknown();
    }

    @Override
    public String toString() {
        return text;
    }
}
