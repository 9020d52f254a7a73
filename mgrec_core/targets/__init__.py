"""Other things to recommend than items: people (`users`) and advertisements (`ads`).

A target's score is made of **parts**, fused as granularities are: r = Σ_p λ_p·c_up·(s_p − m_up).
"""
