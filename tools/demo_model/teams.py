"""What the demo bank knows: its teams, the banking77 intents each one handles, and how urgent each intent is.

The mapping is this project's own; only the intent names come from banking77. Never holds a row of that data set.
"""

from __future__ import annotations

from dataclasses import dataclass

URGENCIES = ("low", "normal", "high")


@dataclass(frozen=True, slots=True)
class Team:
    """One team: the name the shipped prompts use, other names it is trained under, and a one-line description."""

    name: str
    synonyms: tuple[str, ...]
    about: tuple[str, ...]
    intents: tuple[str, ...]


TEAMS = (
    Team(
        "cards",
        ("card-support", "card-services", "card-help", "card-problems"),
        ("cards that do not work, PINs, virtual cards", "a card is declined or blocked, and its PIN"),
        (
            "card_not_working",
            "contactless_not_working",
            "virtual_card_not_working",
            "card_acceptance",
            "apple_pay_or_google_pay",
            "pin_blocked",
            "change_pin",
            "declined_card_payment",
            "visa_or_mastercard",
            "disposable_card_limits",
            "get_disposable_virtual_card",
            "getting_virtual_card",
        ),
    ),
    Team(
        "card-delivery",
        ("card-orders", "new-cards", "card-shipping", "card-ordering"),
        ("ordering, sending and activating a card", "a new card is ordered, on its way or to be activated"),
        (
            "card_arrival",
            "card_delivery_estimate",
            "order_physical_card",
            "get_physical_card",
            "getting_spare_card",
            "card_about_to_expire",
            "activate_my_card",
            "card_linking",
        ),
    ),
    Team(
        "fraud",
        ("security", "fraud-desk", "safety", "fraud-and-theft"),
        ("lost or stolen cards, payments the customer did not make", "theft and payments nobody recognises"),
        (
            "lost_or_stolen_card",
            "compromised_card",
            "lost_or_stolen_phone",
            "card_payment_not_recognised",
            "cash_withdrawal_not_recognised",
            "direct_debit_payment_not_recognised",
        ),
    ),
    Team(
        "refunds",
        ("disputes", "card-payments", "chargebacks", "purchases"),
        ("refunds, double and pending card payments", "money back for purchases, payments charged twice"),
        (
            "request_refund",
            "Refund_not_showing_up",
            "transaction_charged_twice",
            "reverted_card_payment?",
            "pending_card_payment",
        ),
    ),
    Team(
        "transfers",
        ("bank-transfers", "money-transfers", "wires", "payments-out"),
        ("money sent to or received from another account", "bank transfers in and out"),
        (
            "cancel_transfer",
            "transfer_not_received_by_recipient",
            "declined_transfer",
            "pending_transfer",
            "transfer_timing",
            "beneficiary_not_allowed",
            "failed_transfer",
            "receiving_money",
            "transfer_into_account",
            "balance_not_updated_after_bank_transfer",
        ),
    ),
    Team(
        "top-ups",
        ("topups", "deposits", "add-money", "funding"),
        ("adding money by card, cash or cheque", "money paid in: top-ups, cash and cheque deposits"),
        (
            "automatic_top_up",
            "pending_top_up",
            "top_up_limits",
            "top_up_reverted",
            "topping_up_by_card",
            "verify_top_up",
            "top_up_by_cash_or_cheque",
            "top_up_failed",
            "balance_not_updated_after_cheque_or_cash_deposit",
        ),
    ),
    Team(
        "cash",
        ("atm", "cash-machines", "withdrawals", "cash-desk"),
        ("cash machines and withdrawals", "taking out money at an ATM"),
        (
            "pending_cash_withdrawal",
            "wrong_amount_of_cash_received",
            "atm_support",
            "declined_cash_withdrawal",
            "card_swallowed",
        ),
    ),
    Team(
        "fees",
        ("charges", "pricing", "billing", "fees-and-charges"),
        ("what something costs and fees that were charged", "fees and extra charges"),
        (
            "extra_charge_on_statement",
            "top_up_by_bank_transfer_charge",
            "card_payment_fee_charged",
            "transfer_fee_charged",
            "top_up_by_card_charge",
            "cash_withdrawal_charge",
            "exchange_charge",
        ),
    ),
    Team(
        "exchange",
        ("currency", "fx", "exchange-rates", "foreign-exchange"),
        ("exchange rates and currencies", "changing money into another currency"),
        (
            "exchange_rate",
            "card_payment_wrong_exchange_rate",
            "exchange_via_app",
            "fiat_currency_support",
            "wrong_exchange_rate_for_cash_withdrawal",
            "supported_cards_and_currencies",
        ),
    ),
    Team(
        "identity",
        ("verification", "kyc", "id-checks", "identity-checks"),
        ("proving who the customer is and where money came from", "identity and source-of-funds checks"),
        ("why_verify_identity", "unable_to_verify_identity", "verify_my_identity", "verify_source_of_funds"),
    ),
    Team(
        "account",
        ("accounts", "profile", "account-settings", "login"),
        (
            "opening, changing and closing an account, passcodes",
            "personal details, login, closing the account",
        ),
        ("edit_personal_details", "age_limit", "country_support", "terminate_account", "passcode_forgotten"),
    ),
)

HIGH = frozenset(
    {
        "lost_or_stolen_card",
        "compromised_card",
        "lost_or_stolen_phone",
        "card_payment_not_recognised",
        "cash_withdrawal_not_recognised",
        "direct_debit_payment_not_recognised",
        "card_swallowed",
        "cancel_transfer",
    }
)
LOW = frozenset(
    {
        "card_acceptance",
        "apple_pay_or_google_pay",
        "change_pin",
        "visa_or_mastercard",
        "disposable_card_limits",
        "get_disposable_virtual_card",
        "getting_virtual_card",
        "card_delivery_estimate",
        "order_physical_card",
        "get_physical_card",
        "getting_spare_card",
        "card_about_to_expire",
        "activate_my_card",
        "card_linking",
        "transfer_timing",
        "receiving_money",
        "transfer_into_account",
        "automatic_top_up",
        "top_up_limits",
        "topping_up_by_card",
        "verify_top_up",
        "top_up_by_cash_or_cheque",
        "atm_support",
        "top_up_by_bank_transfer_charge",
        "top_up_by_card_charge",
        "exchange_charge",
        "exchange_rate",
        "exchange_via_app",
        "fiat_currency_support",
        "supported_cards_and_currencies",
        "why_verify_identity",
        "verify_my_identity",
        "verify_source_of_funds",
        "edit_personal_details",
        "age_limit",
        "country_support",
    }
)

TEAM_OF_INTENT = {intent: team.name for team in TEAMS for intent in team.intents}
TEAM_NAMES = tuple(team.name for team in TEAMS)


def urgency_of(intent: str) -> str:
    """``high`` where money or a card is at risk, ``low`` for a mere question, ``normal`` for what went wrong."""
    if intent in HIGH:
        return "high"
    return "low" if intent in LOW else "normal"


def words_of(intent: str) -> str:
    """The intent as a customer-facing phrase: ``card arrival``. Never equal to a team's name."""
    return intent.replace("_", " ").replace("?", "").lower()
