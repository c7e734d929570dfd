"""Tickets written for this project, longer and more like e-mail and chat than banking77: patterns by intent.

``[a|b|c]`` stands for one of its parts. None of them is in a shipped suite, and no suite's ticket is in here.
"""

from __future__ import annotations

import re
from random import Random

CHOICE = re.compile(r"\[([^\[\]]*)\]")

PATTERNS: dict[str, tuple[str, ...]] = {
    "card_not_working": (
        "My card [stopped working|has stopped working|does not work any more], [every terminal|each shop] shows an error.",
        "The chip [is damaged|seems broken|cannot be read] and the [till|terminal|reader] does not accept my card.",
    ),
    "contactless_not_working": (
        "I can't [tap|tap to pay|pay contactless] any more, [the reader|the terminal] only beeps and wants the chip.",
        "Tapping my card [on the bus|at the supermarket|at the gate] does nothing although the chip works.",
    ),
    "virtual_card_not_working": (
        "The virtual card in my app is [rejected|refused] by [an online shop|my streaming subscription|a web store].",
    ),
    "card_acceptance": ("Do [restaurants|shops|hotels] abroad take your card?", "Is there any place that will not accept this card?"),
    "apple_pay_or_google_pay": (
        "How do I [put|add] my card [in|to] [Apple Pay|Google Pay|my phone's wallet]?",
        "Can I pay with my [watch|phone|iPhone] instead of the card?",
    ),
    "pin_blocked": (
        "I [typed|entered] the wrong PIN three times and now [the card is locked|my PIN is blocked], how do I unblock it?",
        "My card says PIN tries exceeded [after|since] I mixed up two [numbers|codes].",
    ),
    "change_pin": (
        "I want [a different PIN|another PIN|to pick my own PIN] because I cannot remember this one, where do I [change|set] it?",
    ),
    "declined_card_payment": (
        "My card was [declined|refused|turned down] at [the supermarket|a petrol station|a hotel|the till] although there is enough money.",
        "I tried to [buy|pay for] [shoes|groceries|train tickets|a flight] and the payment was [refused|declined|rejected], why?",
    ),
    "visa_or_mastercard": ("Is the card you issue a Visa or a Mastercard, and may I choose?",),
    "disposable_card_limits": ("How many one-time virtual cards can I [make|create|use] per day?",),
    "get_disposable_virtual_card": ("I would like a [throw-away|one-time|disposable] card number for [a free trial|online shopping].",),
    "getting_virtual_card": ("Can I have a virtual card [for my online shopping|in the app] besides the plastic one?",),
    "card_arrival": (
        "I ordered a card [two weeks|ten days|almost a month] ago and [nothing has come|my letter box is still empty|it is not here yet].",
        "The card you [posted|sent|mailed] has [never turned up|not arrived|got lost in the post], where is it?",
        "Can you [tell me where my new card is|track the envelope with my card]? It should have [come|arrived] by now.",
    ),
    "card_delivery_estimate": (
        "How many [working days|days|weeks] does it take until a [new|replacement] card [is delivered|arrives|comes] to [my house|Scotland|France]?",
        "Is [express|next-day|faster] delivery of the card possible [before I travel|for next week]?",
    ),
    "order_physical_card": (
        "I only have the app so far and would like to order [a plastic card|a physical card|a real card].",
        "What do you charge for [sending|ordering|issuing] a physical card?",
    ),
    "get_physical_card": ("The card came in the post but there was no PIN with it, where do I [find|get|see] the PIN?",),
    "getting_spare_card": (
        "Can I [order|get|have] a second card [for my wife|for my daughter|as a spare] on the same account?",
    ),
    "card_about_to_expire": (
        "My card [expires|runs out] [next month|in two weeks|at the end of the month], will you send a new one by yourselves?",
        "The date on my card has almost passed, how do I get [the next one|a replacement]?",
    ),
    "activate_my_card": (
        "My new card came today, how do I [switch it on|activate it|start using it]?",
        "I want to [activate|unlock] the card I just received but the app [shows no button|gives an error].",
    ),
    "card_linking": (
        "I found the card I thought was [lost|gone], how do I [link|connect|put] it back [to|into] the app?",
        "How can I link my [new|existing] card [to my account|in the app]?",
    ),
    "lost_or_stolen_card": (
        "My [wallet|purse|handbag|bag] was [stolen|snatched|taken] [on the train|in a bar|at the station] with my card in it, please [block|freeze|stop] it.",
        "I have [lost|misplaced] my card [somewhere in town|on holiday|at the airport] and cannot find it anywhere.",
        "Someone [took|nicked|stole] my card, [please lock it at once|cancel it now|what do I have to do]?",
        "I left my card [in a taxi|in a restaurant|on a plane] and it is gone, freeze it please.",
    ),
    "compromised_card": (
        "I think [someone has copied my card|my card details were leaked|a hacker has my card number].",
        "I typed my card number into a [fake|phishing|suspicious] [page|web site|link] and now I am afraid that it will be misused.",
        "A caller who said he was from the bank got my card [number|details] and the code, I fear it was a scam.",
    ),
    "lost_or_stolen_phone": (
        "My phone was [stolen|lost|snatched] and the banking app is on it, can you [block|stop] access?",
        "Somebody has my [mobile|phone|handset], I am worried that they get into my account.",
    ),
    "card_payment_not_recognised": (
        "There is a card payment of [40|12.99|310] pounds to a [shop|merchant|company] that I [have never heard of|do not know].",
        "I did not [make|authorise] the purchase [at|from] [an electronics store|a web shop] that shows on my [statement|account].",
        "Somebody has been [shopping|buying things|spending] with my card, these payments are not mine.",
    ),
    "cash_withdrawal_not_recognised": (
        "My statement shows [200|150|300] taken from a cash machine in [a town I have never been to|another country], that was not me.",
        "Someone took out [cash|money] with my card, I never made that withdrawal.",
    ),
    "direct_debit_payment_not_recognised": (
        "A direct debit [went out|was taken|has been collected] by a company I never [signed up with|agreed to|gave permission].",
        "What is this direct debit [to a gym|for insurance|of 29 pounds]? I did not set it up.",
    ),
    "request_refund": (
        "The [shop|seller|airline] will not [help|answer], I want my money back for [a broken item|a cancelled trip|goods that never came].",
        "I returned the [jacket|laptop|order] and would like [a refund|my money returned], how do I [claim|request] that?",
        "How do I [dispute|reverse|contest] a purchase that I made [myself|by mistake]?",
    ),
    "Refund_not_showing_up": (
        "The [shop|merchant|hotel] says it refunded me [a week|five days|two weeks] ago but I [see nothing|can't see it] on my account.",
        "Where is my refund? The store [confirmed|promised|sent] it [last week|on Monday] and my [balance|statement] has not changed.",
    ),
    "transaction_charged_twice": (
        "I paid once for [dinner|a hotel|petrol] but it was [taken|booked|charged] [twice|two times|double].",
        "The same [amount|payment|purchase] appears [twice|two times] on my statement, [please take one back|one must be a mistake].",
    ),
    "reverted_card_payment?": (
        "My payment [to|at] the shop went through and was then [returned|reversed|sent back] to my account, why?",
        "A card purchase was [cancelled|reverted] [without my doing|by itself] and the seller says it was not paid.",
    ),
    "pending_card_payment": (
        "A card payment [to a hotel|at a shop|for petrol] has been [pending|marked as pending] for [days|a week], when will it [clear|complete|be final]?",
    ),
    "cancel_transfer": (
        "I [sent|transferred] money to the wrong [person|account|sort code], please [stop|cancel|recall] it [quickly|at once|before it is gone].",
        "I mistyped the account number in a transfer [an hour ago|this morning], can you [call it back|cancel it]?",
    ),
    "transfer_not_received_by_recipient": (
        "My [landlord|sister|friend|mechanic] [says he never got|has not received|is still waiting for] the money I transferred [on Monday|last week|three days ago].",
        "I paid the rent by transfer but [it has not reached|nothing arrived in] the landlord's account.",
    ),
    "declined_transfer": ("Your app [declined|refused|would not accept] my transfer to [a new payee|my brother|my savings account], what is the reason?",),
    "pending_transfer": ("My transfer has been [pending|stuck|processing] for [two days|a week|hours], when will it [go out|be done|move]?",),
    "transfer_timing": (
        "How long does a transfer to [Spain|the US|another bank|Poland] [take|need]?",
        "If I send money [today|on a Friday], when will it [be there|arrive]?",
    ),
    "beneficiary_not_allowed": (
        "I cannot add [my cousin|a supplier|a new payee] as a beneficiary, it says [not allowed|not permitted].",
    ),
    "failed_transfer": (
        "The transfer to [my builder|my mother|a company] [failed|did not work] [twice|again], please tell me why.",
        "I wanted to [send|transfer] [the rent|the deposit for a flat|a few hundred pounds] and got an error at the last step.",
        "My standing order [was not executed|failed|did not go out] this month.",
    ),
    "receiving_money": (
        "My employer wants to pay my [salary|wages] into this account, which [details|numbers] do I give?",
        "Can I be paid from [abroad|Germany|another country] on this account?",
    ),
    "transfer_into_account": (
        "How do I move money from my [old|other] bank to you by transfer?",
        "What are the [account number and sort code|IBAN|bank details] for sending money to my account with you?",
    ),
    "balance_not_updated_after_bank_transfer": (
        "I [sent|moved] money from my other bank [yesterday|on Tuesday] and the balance here is [still the same|unchanged].",
        "My [salary|wages|pension] should have been [paid in|credited] [today|on the first] by bank transfer but it is not on the account.",
    ),
    "automatic_top_up": (
        "Can the app [top up by itself|add money automatically] when the balance falls below [20|50] pounds?",
        "How do I [switch on|turn off|set up] the auto top-up?",
    ),
    "pending_top_up": ("My top-up [still says pending|has been pending] [since the morning|for hours], when can I use the money?",),
    "top_up_limits": ("What is the most I can top up in a [day|week|month]?", "Is there a [limit|maximum] for adding money?"),
    "top_up_reverted": ("The money I topped up was [returned to my bank|sent back|reversed], why did you not keep it?",),
    "topping_up_by_card": (
        "I topped up with my [debit card|other card] and [it is not in my balance|the money is missing].",
        "Can I add money with a card from [another bank|my husband]?",
    ),
    "verify_top_up": ("Where do I find the code to [verify|confirm] my top-up card?",),
    "top_up_by_cash_or_cheque": (
        "Where can I pay in [cash|a cheque|banknotes]?", "Do you [take|accept] cheques, and how do I [deposit|pay in] one?",
    ),
    "top_up_failed": ("My top-up [failed|was rejected|did not work] [although my other card is fine|again], what is wrong?",),
    "balance_not_updated_after_cheque_or_cash_deposit": (
        "I [paid in|deposited] [a cheque|cash|400 in notes] [at the counter|on Friday|last week] and it is [missing|not on my account|not in my balance].",
    ),
    "pending_cash_withdrawal": (
        "The cash machine gave [no money|nothing] but the withdrawal is shown as pending.",
        "A cash withdrawal from [yesterday|Saturday] is still pending in the app.",
    ),
    "wrong_amount_of_cash_received": (
        "I asked the [cash machine|ATM] for [100|200] and only got [50|80|120], but the full amount was [booked|taken|debited].",
        "The machine [paid out|dispensed] too little cash.",
    ),
    "atm_support": (
        "Which [cash machines|ATMs] can I use [abroad|in Italy|near me]?", "Is there a cash machine of yours [in my town|nearby]?",
    ),
    "declined_cash_withdrawal": (
        "The cash machine [refused|would not give me|declined to pay out] any money although there is plenty on the account.",
        "I could not [get|withdraw|take out] cash [at three machines|at the station], it said declined.",
    ),
    "card_swallowed": (
        "The [cash machine|ATM] [kept|swallowed|ate|did not return] my card [outside the bank|at the station|in the mall].",
    ),
    "extra_charge_on_statement": (
        "There is a [fee|charge] of [1|2.50|5] pounds on my statement that I do not understand, what is it for?",
        "Why do I pay a monthly [fee|charge] all of a sudden?",
    ),
    "top_up_by_bank_transfer_charge": ("Does it cost anything to top up by bank transfer?",),
    "card_payment_fee_charged": (
        "I was [charged a fee|billed extra] for paying by card [in a shop|online|abroad].",
        "Why did you add a fee to my card payment?",
    ),
    "transfer_fee_charged": (
        "You took a fee [of 5 pounds|of 12 euros] for my transfer, nobody told me that.",
        "What do you charge for a transfer [abroad|to another country|to the US]?",
    ),
    "top_up_by_card_charge": ("I was charged [a fee|1.5 percent] for topping up by card, is that right?",),
    "cash_withdrawal_charge": (
        "Why did you charge me [2 pounds|a fee|3 euros] for [taking out|withdrawing] cash?",
        "Are withdrawals at cash machines free [abroad|of charge]?",
    ),
    "exchange_charge": ("What does it cost to [change|exchange|convert] pounds into [euros|dollars|yen]?",),
    "exchange_rate": ("Which exchange rate do you use for [dollars|euros|zloty] today?", "Is your rate [fixed|the market rate]?"),
    "card_payment_wrong_exchange_rate": (
        "I paid [60 euros|900 kroner|in dollars] on [holiday|a trip] and the rate you used was [far too high|wrong|worse than the official one].",
    ),
    "exchange_via_app": ("How do I [change|convert|swap] pounds to [dollars|euros|francs] in the app?",),
    "fiat_currency_support": ("Can I [hold|keep|have] [euros and pounds|several currencies|dollars] in my account?",),
    "wrong_exchange_rate_for_cash_withdrawal": (
        "The exchange rate for the cash I took out [in Turkey|in Prague|abroad] was [wrong|bad|not what you promised].",
    ),
    "supported_cards_and_currencies": ("Which [currencies|kinds of cards] do you support for adding money?",),
    "why_verify_identity": (
        "Why do you want a [copy of my passport|selfie|photo of my driving licence]?",
        "I do not see why I must prove who I am [again|to use the account].",
    ),
    "unable_to_verify_identity": (
        "The app [rejects|does not accept|refuses] the photo of my [passport|ID card|driving licence] [every time|again and again].",
        "My identity check [failed|was refused] [twice|for no reason], what now?",
    ),
    "verify_my_identity": (
        "Which [documents|papers] do you need to [confirm|check|verify] who I am?", "How do I [upload|send] my [passport|ID] for the check?",
    ),
    "verify_source_of_funds": (
        "You ask where my money comes from, is a [payslip|contract of sale|letter from my employer] enough?",
        "What proof of the source of my [funds|savings] do you want?",
    ),
    "edit_personal_details": (
        "I have [moved|a new flat], please change my address.", "I got married, how do I change my [last name|surname] with you?",
        "My [phone number|e-mail address] has changed, where do I update it?",
    ),
    "age_limit": ("Can my [son|daughter] who is [12|15|16] [open|have] an account?", "How old must one be to join?"),
    "country_support": ("I [live in|moved to] [Norway|Canada|Ireland], can I [open|keep] an account?", "Which countries do you serve?"),
    "terminate_account": (
        "I want to [close|end|delete] my account, [I use another bank now|I no longer need it].", "Please cancel my account and [delete|erase] my data.",
    ),
    "passcode_forgotten": (
        "I [forgot|cannot remember] [my passcode|the code for the app|my password] and can't [log in|get in|sign in].",
        "The app does not [let me in|accept my login] because I do not know my passcode any more.",
    ),
}


def compose(intent: str, rng: Random) -> str:
    """One ticket of that intent."""
    return CHOICE.sub(lambda found: rng.choice(found.group(1).split("|")), rng.choice(PATTERNS[intent]))
